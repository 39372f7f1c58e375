// The uploads of this session, newest first. The accepted ones outlive a reload of the page.

import { byId } from './dom.js';
import { Upload } from './session.js';
import { UploadCard } from './upload_card.js';

const kStoredAs = 'comporta.uploads';
const kMaxUploads = 30;

export class History {
  /** `onChange(upload)` after each change of one. */
  constructor(titleOfKind, onChange) {
    this.titleOfKind = titleOfKind;
    this.onChange = onChange;
    this.cards = [];
    this.kept = new WeakSet();
  }

  restore() {
    for (const facts of recall()) this.add(facts).follow();
  }

  /** A new upload on top, open; those below fold. */
  add(facts) {
    for (const { details } of this.cards) details.open = false;
    const upload = new Upload(facts, (changed) => this.changed(changed));
    this.cards.unshift(new UploadCard(upload, this.titleOfKind));
    byId('uploads').prepend(this.cards[0].node);
    byId('uploads-empty').hidden = true;
    while (this.cards.length > kMaxUploads) this.drop(this.cards.pop());
    return upload;
  }

  drop({ upload, node }) {
    upload.cancel();
    node.remove();
  }

  changed(upload) {
    this.cards.find((card) => card.upload === upload)?.update();
    this.onChange(upload);
    if (upload.remembered() && !this.kept.has(upload)) this.remember();
  }

  /** For what runs down by itself. */
  tick() {
    for (const card of this.cards) card.update();
  }

  translate() {
    for (const card of this.cards) card.translate();
  }

  remember() {
    const accepted = this.cards.map(({ upload }) => upload).filter((upload) => upload.remembered());
    for (const upload of accepted) this.kept.add(upload);
    try {
      const facts = accepted.map((upload) => upload.remembered()).reverse();
      sessionStorage.setItem(kStoredAs, JSON.stringify(facts));
    } catch {
      // Refused or full: the list then lasts as long as the page.
    }
  }
}

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(kStoredAs)) ?? [];
  } catch {
    return [];
  }
}
