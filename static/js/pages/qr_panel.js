// A text of an answer as a QR code; the text itself stands below, to be copied by whoever reads this on the phone that
// would be the camera, and without the library.

import { element, setText } from '../dom.js';
import { t } from '../i18n.js';
import { nodeOf } from './formats.js';
import { qrCode } from './qr_code.js';
import { QueryPanel } from './query_panel.js';

export class QrPanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context);
    this.place = element('div', { class: 'qr-place' });
    this.text = element('p', { class: 'qr-text code' });
    this.copied = element('span', { class: 'said', role: 'status' });
    this.button = element('button', { type: 'button', class: 'button small', onclick: () => this.copy() });
    this.foot = element('p', { class: 'qr-copy' }, this.button, this.copied);
    this.shown = null;
  }

  isEmpty() {
    return !this.poll.data?.[this.spec.value];
  }

  draw(data) {
    const text = String(data[this.spec.value]);
    this.put(this.place, this.text, this.foot);
    setText(this.button, t('qr.copy'));
    if (text === this.shown) return;
    this.shown = text;
    setText(this.copied, '');
    this.text.replaceChildren(nodeOf(text, { as: 'link' }));
    this.paint(text);
  }

  /** The clipboard is there for pages that came by https or from this machine: elsewhere it is marked, to be copied. */
  async copy() {
    getSelection().selectAllChildren(this.text);
    try {
      await navigator.clipboard.writeText(this.shown);
      setText(this.copied, t('qr.copied'));
    } catch {
      setText(this.copied, t('qr.marked'));
    }
  }

  async paint(text) {
    try {
      const picture = await qrCode(text, this.heading.textContent);
      if (text === this.shown) this.place.replaceChildren(picture);
    } catch {
      setText(this.place, '');
    }
  }
}
