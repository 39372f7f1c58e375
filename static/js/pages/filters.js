// What a table can be asked for: a box to search in, and inputs for other parameters of its query.

import { element, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { memberTitle } from './formats.js';

const kPauseMs = 300;
const isMonth = (parameter) => parameter?.type === 'text' && parameter.min === 7 && parameter.max === 7; // 2026-03
const kInputs = {
  date: { type: 'date' },
  flag: { type: 'checkbox' },
  count: { type: 'text', inputmode: 'numeric' },
};

const inputOf = (parameter) => (isMonth(parameter) ? { type: 'month' } : kInputs[parameter?.type]);

export class Filters {
  /** `onChange({parameter: value})` with all of them, empty for what is not asked for. */
  constructor({ search, filters = [], choices = {} }, view, kind, prefix, onChange) {
    this.onChange = onChange;
    this.timer = null;
    this.fields = [...(search ? [search] : []), ...filters].map((name) => {
      const parameter = view?.parameters.find((one) => one.name === name);
      return new Filter(name, { parameter, choices: choices[name], isSearch: name === search, kind, id: `${prefix}-${name}` });
    });
    for (const field of this.fields) field.control.addEventListener(field.isAtOnce ? 'change' : 'input', () => this.soon(field));
    this.node = element('div', { class: 'filters', role: 'search', hidden: this.fields.length === 0 },
      ...this.fields.map(({ node }) => node));
  }

  /** Not with each letter. */
  soon(field) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.onChange(this.given()), field.isAtOnce ? 0 : kPauseMs);
  }

  given() {
    return Object.fromEntries(this.fields.map(({ name, value }) => [name, value]));
  }

  translate() {
    for (const field of this.fields) field.translate();
    this.node.setAttribute('aria-label', t('filter.all'));
  }
}

class Filter {
  constructor(name, { parameter, choices, isSearch, kind, id }) {
    Object.assign(this, { name, choices, isSearch, kind });
    this.isAtOnce = choices !== undefined || parameter?.type === 'flag' || parameter?.type === 'date' || isMonth(parameter);
    this.control = choices
      ? element('select', { id }, element('option', { value: '' }), ...choices.map(({ value }) => element('option', { value })))
      : element('input', { id, type: isSearch ? 'search' : 'text', autocomplete: 'off', ...inputOf(parameter) });
    this.least = parameter?.type === 'text' ? parameter.min : 1;
    this.label = element('label', { for: id });
    this.node = element('span', { class: 'filter' }, this.label, this.control);
  }

  /** Empty, too, as long as it is not all there. */
  get value() {
    if (this.control.type === 'checkbox') return this.control.checked ? 'true' : '';
    const text = this.control.value.trim();
    return text.length < this.least ? '' : text;
  }

  translate() {
    setText(this.label, this.isSearch ? t('filter.search') : memberTitle(this.kind, this.name));
    if (!this.choices) return;
    setText(this.control.options[0], t('filter.any'));
    this.choices.forEach(({ value, title }, index) => setText(this.control.options[index + 1], titleOf(title) || value));
  }
}
