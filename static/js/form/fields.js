// The fields of a form, made from a JSON Schema. A field is
// `{pointer, node, write(value), read(), fields()}`: `read()` gives `{value}`, value being undefined for what was left out,
// or `{faults: [{pointer, keyword}]}`; `fields()` are those inside and itself.

import { element, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { isMoney, localTime, readScalar, typedText } from './scalars.js';
import { secret } from './secret.js';

const kInputs = {
  integer: { type: 'text', inputmode: 'numeric' },
  number: { type: 'text', inputmode: 'decimal' },
};
const kFormats = {
  'email': { type: 'email' },
  'password': { type: 'password' },
  'date': { type: 'date' },
  'date-time': { type: 'datetime-local', step: 1 },
  'date-time-spaced': { type: 'datetime-local', step: 1 },
};

/** `place`: `{pointer, required, labelOf(pointer, schema), prefix}`, the prefix being that of the ids. */
export function fieldOf(schema, place) {
  if (schema.type === 'object' && schema.properties) return new Group(schema, place);
  if (schema.type === 'boolean') return new Switch(schema, place);
  return new Line(schema, place);
}

/** What a label, the control it names, and the place for its fault have in common. */
class Field {
  constructor(schema, place) {
    this.schema = schema;
    this.pointer = place.pointer;
    this.required = place.required;
    this.label = place.labelOf(place.pointer, schema);
    this.id = `${place.prefix}${place.pointer.replaceAll('/', '-')}`;
    this.fault = element('span', { class: 'field-fault', id: `${this.id}-fault` });
  }

  labelNode() {
    const optional = this.required ? [] : [element('span', { class: 'note' }, ` ${t('form.optional')}`)];
    return element('label', { for: this.id }, this.label, ...optional);
  }

  show(text) {
    setText(this.fault, text);
    this.control.setAttribute('aria-invalid', String(text !== ''));
  }

  focus() {
    this.control.focus();
  }

  fields() {
    return [this];
  }

  faulty(keyword) {
    return { faults: [{ pointer: this.pointer, keyword }] };
  }
}

/** What may stand on a line of a list; undefined where an item is never just a text or a number. */
const itemOf = (items) => [items, ...(items?.anyOf ?? [])].find((one) => ['string', 'integer', 'number'].includes(one?.type));

/** A text, number, time or choice; a list has one of them a line. */
class Line extends Field {
  constructor(schema, place) {
    super(schema, place);
    this.item = schema.type === 'array' ? itemOf(schema.items) : undefined;
    this.isList = this.item !== undefined;
    this.isRaw = !this.isList && ['array', 'object', undefined].includes(schema.type) && !schema.enum;
    this.isSecret = schema.format === 'password';
    this.control = this.makeControl();
    const hint = element('span', { class: 'note', id: `${this.id}-hint` }, this.hintText());
    this.node = element('div', { class: 'field' }, this.labelNode(), this.isSecret ? secret(this.control).box : this.control,
      element('span', { class: 'field-notes' }, this.fault, hint));
  }

  hintText() {
    if (this.isSecret) return t('password.rule', { count: this.schema.minLength });
    if (isMoney(this.schema)) return t('form.money');
    return this.isList || this.isRaw ? t(this.isList ? 'form.list' : 'form.json') : '';
  }

  makeControl() {
    const described = `${this.id}-fault ${this.id}-hint`;
    const common = { 'id': this.id, 'aria-describedby': described, 'aria-required': String(this.required) };
    if (this.isList || this.isRaw) return element('textarea', { ...common, rows: 2, spellcheck: 'false' });
    if (this.schema.enum) return element('select', common, ...this.choices());
    const autocomplete = this.schema.autocomplete ?? 'off';
    const input = element('input', { ...common, type: 'text', autocomplete, ...this.inputType() });
    if (input.type === 'datetime-local' && this.required) input.value = localTime();
    return input;
  }

  inputType() {
    if (isMoney(this.schema)) return kInputs.number;
    return kFormats[this.schema.format] ?? kInputs[this.schema.type] ?? {};
  }

  choices() {
    const none = element('option', { value: '' }, this.required ? t('form.choose') : t('form.none'));
    const wordOf = (choice) => titleOf(this.schema.shown?.words?.[choice]) || String(choice);
    return [none, ...this.schema.enum.map((choice) => element('option', { value: choice }, wordOf(choice)))];
  }

  write(value) {
    this.control.value = this.isList && Array.isArray(value)
      ? value.map((item) => typedText(this.item, item)).join('\n')
      : typedText(this.schema, value);
  }

  read() {
    const text = this.isSecret ? this.control.value : this.control.value.trim();
    if (text === '' && !this.control.validity.badInput) return this.required ? this.faulty('required') : {};
    if (this.isRaw) return this.readRaw(text);
    const read = this.isList ? this.readList(text) : readScalar(this.schema, text);
    return read.keyword ? this.faulty(read.keyword) : read;
  }

  readList(text) {
    const items = text.split('\n').map((line) => line.trim()).filter(Boolean);
    if (items.length < this.schema.minItems) return { keyword: 'minItems' };
    if (items.length > this.schema.maxItems) return { keyword: 'maxItems' };
    const read = items.map((item) => readScalar(this.item, item));
    return read.find(({ keyword }) => keyword) ?? { value: read.map(({ value }) => value) };
  }

  readRaw(text) {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return this.faulty('type');
    }
  }
}

class Switch extends Field {
  constructor(schema, place) {
    super(schema, { ...place, required: true });
    this.control = element('input', { type: 'checkbox', id: this.id, checked: place.required });
    this.node = element('div', { class: 'field switch' }, this.control, this.labelNode(), this.fault);
  }

  write(value) {
    this.control.checked = value === true;
  }

  read() {
    return { value: this.control.checked };
  }
}

/** An object: its members, under its name. One that may be left out is, when nothing in it is filled in. */
class Group {
  constructor(schema, place) {
    this.required = place.required;
    this.members = Object.entries(schema.properties).map(([name, member]) => ({
      name,
      field: fieldOf(member, {
        ...place,
        pointer: `${place.pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        required: schema.required?.includes(name) ?? false,
      }),
    }));
    const nodes = this.members.map(({ field }) => field.node);
    const legend = place.pointer && element('legend', {}, place.labelOf(place.pointer, schema));
    this.node = legend
      ? element('fieldset', { class: 'group' }, legend, ...nodes)
      : element('div', { class: 'group' }, ...nodes);
  }

  write(value) {
    for (const { name, field } of this.members) field.write(value?.[name]);
  }

  fields() {
    return this.members.flatMap(({ field }) => field.fields());
  }

  read() {
    const read = this.members.map(({ name, field }) => ({ name, ...field.read() }));
    const filled = read.filter(({ value }) => value !== undefined);
    const faults = read.flatMap((member) => member.faults ?? []);
    const isEmpty = filled.length === 0 && faults.every(({ keyword }) => keyword === 'required');
    if (!this.required && isEmpty) return {};
    if (faults.length > 0) return { faults };
    return { value: Object.fromEntries(filled.map(({ name, value }) => [name, value])) };
  }
}
