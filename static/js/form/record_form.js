// One record entered by hand: a form made from its kind's schema.

import { fetchSchema } from '../api.js';
import { byId, element, setText } from '../dom.js';
import { reasonText } from '../faults.js';
import { t, titleOf } from '../i18n.js';
import { labelAt, pointerNames, schemaAt } from '../rules.js';
import { fieldOf } from './fields.js';

export class RecordForm {
  /** `onSubmit(kind, record)` with a record that keeps the rules as far as they are known here. */
  constructor(onSubmit) {
    this.onSubmit = onSubmit;
    this.dialog = byId('record-form');
    this.kind = null;
    this.root = null;
    this.dialog.addEventListener('submit', (event) => this.submit(event));
    byId('record-form-cancel').addEventListener('click', () => this.dialog.close());
  }

  /** Opens it for that kind. What was typed and not accepted yet is still there. */
  async open(kind) {
    this.setTitle(kind);
    if (kind !== this.kind) await this.build(kind);
    if (!this.dialog.open) this.dialog.showModal();
    this.root?.fields()[0]?.focus();
  }

  setTitle(kind) {
    setText(byId('record-form-title'), t('form.title', { kind: titleOf(kind.title) }));
    setText(byId('record-form-send'), t('form.send'));
    setText(byId('record-form-cancel'), t('cancel'));
  }

  async build(kind) {
    this.root = null;
    this.say('');
    try {
      this.schema = await fetchSchema(kind);
      this.kind = kind;
      this.reset();
    } catch {
      byId('record-form-fields').replaceChildren(element('p', { class: 'note' }, t('form.unavailable')));
    }
    byId('record-form-send').disabled = this.root === null;
  }

  reset() {
    const labelOf = (pointer, schema) =>
      labelAt(this.kind.labels, pointer) || schema.title || pointerNames(pointer).at(-1);
    this.say('');
    this.root = fieldOf({ ...this.schema, type: 'object' }, { pointer: '', required: true, labelOf });
    byId('record-form-fields').replaceChildren(this.root.node);
  }

  /** In another language it is made anew. */
  translate() {
    this.kind = null;
  }

  /** What became of its upload: accepted, it is emptied; refused, it opens again with the faults. */
  async settle({ phase, problem }) {
    if (phase === 'accepted') this.kind = null;
    if (phase !== 'refused' || !this.kind) return;
    await this.open(this.kind);
    this.showFaults(problem.document.errors ?? []);
  }

  submit(event) {
    event.preventDefault();
    const { value, faults = [] } = this.root.read();
    this.showFaults(faults);
    if (faults.length > 0) return;
    this.dialog.close();
    this.onSubmit(this.kind, value);
  }

  /** Marks the fields at fault: `[{pointer, keyword}]`, ours or those of a problem that the service named. */
  showFaults(faults) {
    const fields = this.root.fields();
    const faultOf = (field) => faults.find(({ pointer }) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`));
    for (const field of fields) {
      const fault = faultOf(field);
      field.show(fault ? reasonText(fault.keyword, schemaAt(this.schema, fault.pointer)) : '');
    }
    const strangers = faults.filter(({ pointer }) => !fields.some((field) => (`${pointer}/`).startsWith(`${field.pointer}/`)));
    this.say(strangers.map(({ keyword, pointer }) => reasonText(keyword, schemaAt(this.schema, pointer))).join(' '));
    fields.find(faultOf)?.focus();
  }

  say(text) {
    setText(byId('record-form-problem'), text);
  }
}

/** The record as a file to be sent (source.js), with what the page knows of it. */
export function sourceOf(kind, record) {
  const key = String(record[kind.key]);
  const blob = new File([JSON.stringify(record)], t('form.file', { key }));
  return {
    kind,
    source: { file: blob, format: 'json', gzipped: false },
    summary: { count: 1, keys: [key], keyCount: 1 },
    slices: [{ blob, first: 0, records: 1 }],
  };
}
