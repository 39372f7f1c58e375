// One number of an answer, large.

import { element, setText } from '../dom.js';
import { textOf } from './formats.js';
import { QueryPanel } from './query_panel.js';

export class NumberPanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context);
    this.number = element('p', { class: 'big' });
  }

  isEmpty() {
    return this.poll.data?.[this.spec.value] == null;
  }

  draw(data) {
    const { value, value_as: as = 'number', words } = this.spec;
    setText(this.number, textOf(data[value], { as, words }));
    this.put(this.number);
  }
}
