// Logging in.

import { byId, element, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { FormDialog } from './form_dialog.js';
import { isOpenForSignUp } from './rights.js';
import { logIn } from './session.js';
import { wordsOf } from './words.js';

const kWords = { 400: 'login.wrong', 401: 'login.wrong' };

export class LoginDialog {
  /**
   * `onSignUp(kind)` when there is no account yet; it resolves to whether there is one now, and its owner logged in.
   * `onDone()` when somebody is.
   */
  constructor(onSignUp, onDone) {
    this.onDone = onDone;
    this.onSignUp = onSignUp;
    this.kinds = [];
    this.waiting = [];
    this.isDone = false;
    this.dialog = new FormDialog('login', {
      onSubmit: () => this.send(),
      onClose: () => this.settle(),
      wordsOf: (problem) => wordsOf(problem, kWords),
    });
    byId('login-kind').addEventListener('change', () => this.render());
    byId('login-sign-up').addEventListener('click', () => this.signUp());
  }

  /** The kinds of accounts, once they are known. */
  setKinds(kinds) {
    this.kinds = kinds;
    byId('login-kind-choice').hidden = kinds.length < 2;
    this.render();
  }

  get kind() {
    return this.kinds.find(({ name }) => name === byId('login-kind').value) ?? this.kinds[0];
  }

  /** Resolves to whether somebody logged in. `note`: why that is asked now, and which `kinds` of accounts will do. */
  ask(note = '', kinds = []) {
    const fitting = this.kinds.find(({ name }) => kinds.includes(name));
    if (fitting) byId('login-kind').value = fitting.name;
    this.isDone = false;
    setText(byId('login-note'), note);
    byId('login-note').hidden = note === '';
    this.render();
    this.dialog.open();
    byId(byId('login-name').value ? 'login-password' : 'login-name').focus();
    return new Promise((resolve) => { this.waiting.push(resolve); });
  }

  async send() {
    const [name, password] = [byId('login-name'), byId('login-password')];
    const missing = [name, password].find(({ value }) => value === '');
    if (missing) {
      this.dialog.say(t('login.missing'));
      return missing.focus();
    }
    try {
      await logIn(this.kind.name, name.value, password.value);
    } catch (problem) {
      password.select();
      throw problem;
    }
    this.done();
  }

  async signUp() {
    if (await this.onSignUp(this.kind)) this.done();
  }

  done() {
    this.isDone = true;
    this.dialog.close();
    this.onDone();
  }

  /** The next one may be somebody else. */
  forget() {
    byId('login-name').value = '';
  }

  settle() {
    for (const resolve of this.waiting.splice(0)) resolve(this.isDone);
  }

  render() {
    if (this.kinds.length === 0) return;
    const { kind } = this;
    byId('login-kind').replaceChildren(...this.kinds.map(({ name, title }) =>
      element('option', { value: name, selected: name === kind.name }, titleOf(title))));
    setText(byId('login-name-label'), titleOf(kind.labels?.[kind.account.login]) || t('login.name'));
    byId('login-sign-up').hidden = !isOpenForSignUp(kind);
  }
}
