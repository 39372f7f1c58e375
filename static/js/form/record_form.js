// One record entered by hand: a form made from its kind's schema.

import { byId, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { caller } from '../people/session.js';
import { isAdmin } from '../people/rights.js';
import { SchemaFields } from './schema_fields.js';

export class RecordForm {
  /** `onSubmit(kind, record)` with a record that keeps the rules as far as they are known here. */
  constructor(onSubmit) {
    this.onSubmit = onSubmit;
    this.dialog = byId('record-form');
    this.fields = new SchemaFields(byId('record-form-fields'), byId('record-form-problem'), 'field');
    this.kind = null;
    this.isForAdmin = false;
    this.dialog.addEventListener('submit', (event) => this.submit(event));
    byId('record-form-cancel').addEventListener('click', () => this.dialog.close());
  }

  /** Opens it for that kind. What was typed and not accepted yet is still there. */
  async open(kind) {
    this.setTitle(kind);
    if (kind !== this.kind || isAdmin(caller()) !== this.isForAdmin) await this.build(kind);
    if (!this.dialog.open) this.dialog.showModal();
    this.fields.focus();
  }

  setTitle(kind) {
    setText(byId('record-form-title'), t('form.title', { kind: titleOf(kind.title) }));
    setText(byId('record-form-send'), t('form.send'));
    setText(byId('record-form-cancel'), t('cancel'));
  }

  async build(kind) {
    this.isForAdmin = isAdmin(caller());
    const isThere = await this.fields.build(kind, { isAdmin: this.isForAdmin, needsPassword: !this.isForAdmin });
    if (isThere) this.kind = kind;
    byId('record-form-send').disabled = !isThere;
  }

  /** What was typed is gone: in another language it is made anew. */
  forget() {
    this.kind = null;
  }

  /** What became of its upload: accepted, it is emptied; refused, it opens again with the faults. */
  async settle({ phase, problem }) {
    if (phase === 'accepted') this.forget();
    if (phase !== 'refused' || !this.kind) return;
    await this.open(this.kind);
    this.fields.showFaults(problem.document.errors ?? []);
  }

  submit(event) {
    event.preventDefault();
    const record = this.fields.read();
    if (record === undefined) return;
    this.dialog.close();
    this.onSubmit(this.kind, record);
  }
}

/** The record as a file to be sent (source.js), with what the page knows of it. Its key may be the service's to give. */
export function sourceOf(kind, record) {
  const keys = record[kind.key] === undefined ? [] : [String(record[kind.key])];
  const blob = new File([JSON.stringify(record)], t('form.file', { key: keys[0] ?? titleOf(kind.title) }));
  return {
    kind,
    source: { file: blob, format: 'json', gzipped: false },
    summary: { count: 1, keys, keyCount: keys.length },
    slices: [{ blob, first: 0, records: 1 }],
  };
}
