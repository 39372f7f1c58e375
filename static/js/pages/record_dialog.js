// The dialog in which members of a record are asked for: to change them, or before another record is uploaded.

import { fetchRecord } from '../api.js';
import { byId, setText } from '../dom.js';
import { SchemaFields } from '../form/schema_fields.js';
import { FormDialog } from '../people/form_dialog.js';
import { isAdmin } from '../people/rights.js';
import { caller } from '../people/session.js';
import { problemText } from './outcome.js';

export class RecordDialog {
  constructor() {
    this.dialog = new FormDialog('row-form', {
      onSubmit: () => this.submit(),
      onClose: () => this.settle?.(this.answer),
      wordsOf: (problem) => this.explain(problem),
    });
    this.fields = new SchemaFields(byId('row-form-fields'), byId('row-form-problem'), 'row-form-field');
  }

  /**
   * Asks for the members `only`, all if that is null, but for those in `except`; of the record `key`, if there is one, they
   * are filled in, with what is `known` of it where the cache does not say. `send(members)` as in Outcome.watch, whose
   * problems are shown here. Resolves to what it resolved to, to undefined when the dialog was closed.
   */
  async ask({ title, kind, only, except = [], known, key, send, formats }) {
    Object.assign(this, { kind, send, answer: undefined });
    setText(byId('row-form-title'), title);
    byId('row-form-send').disabled = true;
    this.fields.empty();
    this.dialog.open();
    const closed = new Promise((resolve) => { this.settle = resolve; });
    const found = key === undefined ? null : await fetchRecord(kind.name, key).catch(() => false);
    const isThere = await this.fields.build(kind, { isAdmin: isAdmin(caller()), needsPassword: false, only, except, formats });
    byId('row-form-send').disabled = !isThere;
    if (isThere && known) this.fields.fill({ ...known, ...found?.record });
    this.fields.focus();
    return closed;
  }

  async submit() {
    const members = this.fields.read({ withEmpty: true });
    if (members === undefined) return;
    this.answer = await this.send(members);
    this.dialog.close();
  }

  /** What a field is to blame for stands there. */
  explain(problem) {
    const errors = problem.document?.errors;
    if (!errors) return problemText(problem, this.kind).text;
    this.fields.showFaults(errors);
    return byId('row-form-problem').textContent;
  }
}
