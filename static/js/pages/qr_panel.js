// A text of an answer as a QR code; the text itself stands below, for whoever has no camera, and without the library.

import { element, setText } from '../dom.js';
import { nodeOf } from './formats.js';
import { qrCode } from './qr_code.js';
import { QueryPanel } from './query_panel.js';

export class QrPanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context);
    this.place = element('div', { class: 'qr-place' });
    this.text = element('p', { class: 'qr-text code' });
    this.shown = null;
  }

  isEmpty() {
    return !this.poll.data?.[this.spec.value];
  }

  draw(data) {
    const text = String(data[this.spec.value]);
    this.put(this.place, this.text);
    if (text === this.shown) return;
    this.shown = text;
    this.text.replaceChildren(nodeOf(text, { as: 'link' }));
    this.paint(text);
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
