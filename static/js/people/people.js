// The part of the page about people: who is logged in stands in its head, and from there the dialogs open.

import { announce, byId, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { AccountDialog } from './account_dialog.js';
import { AccountsDialog } from './accounts_dialog.js';
import { LoginDialog } from './login_dialog.js';
import { PasswordDialog } from './password_dialog.js';
import { accountKinds, mayCreate } from './rights.js';
import { caller, onCallerChange } from './session.js';
import { SignUpDialog } from './sign_up_dialog.js';

export class People {
  constructor() {
    this.kinds = [];
    this.isOver = false;
    this.signUp = new SignUpDialog();
    this.login = new LoginDialog((kind) => this.signUp.ask(kind), () => this.keepFocus());
    this.accounts = new AccountsDialog();
    this.password = new PasswordDialog(() => announce(t('password.done')));
    this.account = new AccountDialog({
      onPassword: (kind, me) => this.insteadOfAccount(() => this.password.open(kind, me)),
      onAccounts: () => this.insteadOfAccount(() => this.accounts.open(this.kinds)),
    });
    byId('log-in').addEventListener('click', () => this.login.ask());
    byId('session-again').addEventListener('click', () => this.login.ask());
    byId('session-later').addEventListener('click', () => this.setOver(false));
    byId('account').addEventListener('click', () => this.account.open(this.kinds));
    onCallerChange((why) => this.changed(why));
  }

  /** Once the kinds are known: without one of accounts nobody logs in. */
  start(kinds) {
    this.kinds = kinds;
    this.login.setKinds(accountKinds(kinds));
    this.render();
  }

  /** One dialog at a time; the focus goes back to where the first was opened. */
  insteadOfAccount(open) {
    this.account.close();
    return open();
  }

  /** Resolves to whether the caller may create records of the kind, after logging in if that is what it takes. */
  async letIn(kind) {
    if (mayCreate(kind, caller())) return true;
    if (caller()) return false;
    return await this.askToLogIn(kind) && mayCreate(kind, caller());
  }

  /** Resolves to whether somebody did. */
  async askToLogIn(kind) {
    if (accountKinds(this.kinds).length === 0) return false;
    const note = this.isOver ? t('login.over') : t('login.first', { kind: titleOf(kind?.title) });
    return this.login.ask(note, kind?.access?.accounts);
  }

  changed(why) {
    if (!caller()) {
      this.account.close();
      this.password.dialog.close();
      this.accounts.dialog.close();
    }
    if (why === 'left') {
      this.login.forget();
      this.signUp.forget();
    }
    this.setOver(why === 'over');
    this.render();
    this.keepFocus();
    if (why !== 'over') announce(caller() ? t('people.in', { login: caller().login }) : t('people.out'));
  }

  /** Where the button was that somebody pressed there is the other one. */
  keepFocus() {
    const active = document.activeElement;
    if (document.querySelector('dialog[open]') || (active !== document.body && active?.checkVisibility())) return;
    byId(caller() ? 'account' : 'log-in').focus();
  }

  setOver(isOver) {
    this.isOver = isOver;
    byId('session-over').hidden = !isOver;
  }

  render() {
    const account = caller();
    byId('log-in').hidden = account !== null || accountKinds(this.kinds).length === 0;
    byId('account').hidden = account === null;
    setText(byId('account-name'), account?.login ?? '');
  }

  translate() {
    this.signUp.forget();
    this.login.render();
  }
}
