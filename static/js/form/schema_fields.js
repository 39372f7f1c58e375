// The fields of one record in a dialog, made from its kind's schema, with their faults.

import { fetchSchema } from '../api.js';
import { element, setText } from '../dom.js';
import { reasonText } from '../faults.js';
import { t, titleOf } from '../i18n.js';
import { labelAt, pointerNames, schemaAt } from '../rules.js';
import { fieldOf } from './fields.js';
import { formSchema } from './form_schema.js';

export class SchemaFields {
  /** `place`: where the fields go; `problem`: where is said what no field is to blame for; `prefix` of their ids. */
  constructor(place, problem, prefix) {
    this.place = place;
    this.problem = problem;
    this.prefix = prefix;
    this.root = null;
  }

  /** Empty fields; `who` as in form_schema.js. Whether there are any: the service may not answer. */
  async build(kind, who) {
    this.root = null;
    this.say('');
    try {
      this.schema = formSchema(kind, await fetchSchema(kind), who);
      const labelOf = (pointer, schema) => titleOf(schema.shown?.title) || labelAt(kind.labels, pointer)
        || schema.title || pointerNames(pointer).at(-1);
      this.root = fieldOf(this.schema, { pointer: '', required: true, labelOf, prefix: this.prefix });
      this.place.replaceChildren(this.root.node);
      this.blank = this.typed();
    } catch {
      this.place.replaceChildren(element('p', { class: 'note' }, t('form.unavailable')));
    }
    return this.root !== null;
  }

  empty() {
    this.root = null;
    this.place.replaceChildren();
    this.say('');
  }

  /** The values of a record, in the place of what was typed. */
  fill(record) {
    this.root.write(record);
  }

  /** As they were at first. */
  clear() {
    this.type(this.blank);
    this.showFaults([]);
  }

  /** What stands in the controls now, by their ids, for `type()`. */
  typed() {
    const controls = (this.root?.fields() ?? []).map(({ control }) => control);
    return new Map(controls.map((control) => [control.id, control.type === 'checkbox' ? control.checked : control.value]));
  }

  type(typed) {
    for (const { control } of this.root.fields()) {
      if (!typed.has(control.id)) continue;
      if (control.type === 'checkbox') control.checked = typed.get(control.id);
      else control.value = typed.get(control.id);
    }
  }

  focus() {
    this.root?.fields()[0]?.focus();
  }

  /**
   * The record, as far as it keeps the rules; otherwise undefined, and the faults are shown. `withEmpty`: what was left out
   * stands there as undefined.
   */
  read({ withEmpty = false } = {}) {
    const { value, faults = [] } = this.root.read();
    this.showFaults(faults);
    if (faults.length > 0) return undefined;
    const names = withEmpty ? Object.keys(this.schema.properties) : [];
    return { ...Object.fromEntries(names.map((name) => [name, undefined])), ...value };
  }

  /** Marks the fields at fault: `[{pointer, keyword}]`, ours or those of a problem that the service named. */
  showFaults(faults) {
    const fields = this.root.fields();
    const isIn = (pointer, field) => `${pointer}/`.startsWith(`${field.pointer}/`);
    const faultOf = (field) => faults.find(({ pointer }) => isIn(pointer, field));
    for (const field of fields) {
      const fault = faultOf(field);
      field.show(fault ? this.reason(fault) : '');
    }
    const strangers = faults.filter(({ pointer }) => !fields.some((field) => isIn(pointer, field)));
    this.say(strangers.map((fault) => this.reason(fault)).join(' '));
    fields.find(faultOf)?.focus();
  }

  /** Marks the field of one member, in words. */
  blame(name, text) {
    const field = this.root.fields().find(({ pointer }) => pointer === `/${name}`);
    if (!field) return this.say(text);
    field.show(text);
    field.focus();
  }

  reason({ keyword, pointer }) {
    return reasonText(keyword, schemaAt(this.schema, pointer));
  }

  say(text) {
    setText(this.problem, text);
  }
}
