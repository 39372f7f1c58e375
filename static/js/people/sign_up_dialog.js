// A new account, in a form made from its kind's schema; whoever made it is logged in.

import { Refusal, createRecord } from '../changes.js';
import { byId, setText } from '../dom.js';
import { SchemaFields } from '../form/schema_fields.js';
import { t, titleOf } from '../i18n.js';
import { kNotYours, reasonOf } from '../outcome_view.js';
import { pause } from '../timing.js';
import { newUuidV7 } from '../uuid.js';
import { FormDialog } from './form_dialog.js';
import { logIn } from './session.js';
import { wordsOf } from './words.js';

const kTries = 3;
const kPauseMs = 1_000;
const kNothing = { text: '', id: '' };

export class SignUpDialog {
  constructor() {
    this.kind = null;
    this.sent = kNothing;
    this.dialog = new FormDialog('sign-up', {
      onSubmit: () => this.send(),
      onClose: () => this.closed(),
      wordsOf: (problem) => this.explain(problem),
    });
    this.fields = new SchemaFields(byId('sign-up-fields'), byId('sign-up-problem'), 'sign-up-field');
  }

  /** Resolves to whether there is an account, and its owner logged in. */
  async ask(kind) {
    setText(byId('sign-up-title'), t('sign_up.title', { kind: titleOf(kind.title) }));
    if (kind !== this.kind) await this.build(kind);
    this.isDone = false;
    this.dialog.open();
    this.fields.focus();
    return new Promise((resolve) => { this.settle = resolve; });
  }

  closed() {
    this.sent = kNothing;
    this.settle?.(this.isDone);
  }

  async build(kind) {
    const isThere = await this.fields.build(kind, { isAdmin: false, needsPassword: true });
    this.kind = isThere ? kind : null;
    byId('sign-up-send').disabled = !isThere;
  }

  /** In another language, or for somebody else, it is made anew. */
  forget() {
    this.kind = null;
  }

  async send() {
    const { kind } = this;
    const record = this.fields.read();
    if (record === undefined) return;
    const isThere = await createRecord(kind, record, this.idOf(record));
    const { login, password } = kind.account;
    await this.enter([kind.name, record[login], record[password]], isThere ? 1 : kTries);
    this.forget();
    this.isDone = true;
    this.dialog.close();
  }

  /** An account that nobody knows to be there may take a moment. */
  async enter(credentials, tries) {
    try {
      await logIn(...credentials);
    } catch (problem) {
      if (problem.status !== 401 || tries === 1) throw problem;
      await pause(kPauseMs);
      await this.enter(credentials, tries - 1);
    }
  }

  /** The same for the same record: what is sent again after an answer that got lost is no second account. */
  idOf(record) {
    const text = JSON.stringify(record);
    if (text !== this.sent.text) this.sent = { text, id: newUuidV7() };
    return this.sent.id;
  }

  /** What a field is to blame for stands there. */
  explain(problem) {
    const errors = problem.document?.errors;
    if (!errors && !(problem instanceof Refusal)) return wordsOf(problem, { 401: 'sign_up.later' });
    if (errors) this.fields.showFaults(errors);
    else this.fields.blame(this.memberAtFault(problem.record), reasonOf(problem.record).text);
    return byId('sign-up-problem').textContent;
  }

  memberAtFault({ reason }) {
    return reason === kNotYours ? this.kind.key : this.kind.account.login;
  }
}
