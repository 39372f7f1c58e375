// A button whose first press asks, and the second does it.

import { element, setText } from './dom.js';

export class SureButton {
  /** `words`: `{title, label}` and `{sureTitle, sureLabel}`, the labels being what is read out. */
  constructor(words, onSure) {
    this.words = words;
    this.onSure = onSure;
    this.isSure = false;
    this.node = element('button', { type: 'button', class: 'button small danger', onclick: () => this.press() });
    this.node.addEventListener('blur', () => this.show(false));
    this.show(false);
  }

  press() {
    if (!this.isSure) return this.show(true);
    this.show(false);
    return this.onSure();
  }

  show(isSure) {
    this.isSure = isSure;
    const { title, label, sureTitle, sureLabel } = this.words;
    this.node.classList.toggle('sure', isSure);
    setText(this.node, isSure ? sureTitle : title);
    this.node.setAttribute('aria-label', isSure ? sureLabel : label);
  }
}
