// The uploads of this session, newest first. The accepted ones outlive a reload of the page.

import { byId } from './dom.js';
import { principal } from './people/session.js';
import { Upload } from './session.js';
import { UploadCard } from './upload_card.js';

const kStoredAs = 'comporta.uploads';
const kMaxUploads = 30;

export class History {
  /** `onChange(upload)` after each change of one; `askToLogIn(kind)` as in session.js. */
  constructor(titleOfKind, { onChange, askToLogIn }) {
    this.titleOfKind = titleOfKind;
    this.onChange = onChange;
    this.askToLogIn = askToLogIn;
    this.cards = [];
    this.kept = new WeakSet();
  }

  restore() {
    const isOurs = ({ isGuarded, owner }) => !isGuarded || owner === principal();
    for (const facts of recall().filter(isOurs)) this.add(facts).follow();
  }

  /** A new upload on top, open; those below fold. */
  add(facts) {
    for (const { details } of this.cards) details.open = false;
    const events = { onChange: (changed) => this.changed(changed), askToLogIn: this.askToLogIn };
    const upload = new Upload(facts, events);
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

  /** When somebody has logged out: what was sent under a name is nobody else's business. */
  forgetGuarded() {
    const guarded = this.cards.filter(({ upload }) => upload.facts.isGuarded);
    this.cards = this.cards.filter((card) => !guarded.includes(card));
    for (const card of guarded) this.drop(card);
    byId('uploads-empty').hidden = this.cards.length > 0;
    this.remember();
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
