// My password. The service ends all sessions of an account whose password is another one: this one begins anew.

import { byId, setText } from '../dom.js';
import { kPasswordLength } from '../form/form_schema.js';
import { t } from '../i18n.js';
import { changeAccount } from './account_changes.js';
import { FormDialog } from './form_dialog.js';
import { isAdmin } from './rights.js';
import { caller, logIn } from './session.js';
import { wordsOf } from './words.js';

export class PasswordDialog {
  /** `onDone()` when it is changed. */
  constructor(onDone) {
    this.onDone = onDone;
    this.dialog = new FormDialog('password', {
      onSubmit: () => this.send(),
      wordsOf: (problem) => wordsOf(problem, { 401: 'password.wrong', 422: this.isAbout(problem) ? 'password.refused' : null }),
    });
  }

  /** For the account `me` of the kind, as GET /api/v1/me tells it. */
  open(kind, me) {
    Object.assign(this, { kind, me });
    byId('password-user').value = me.login;
    setText(byId('password-rule'), t('password.rule', { count: kPasswordLength }));
    this.dialog.open();
    byId('password-current').focus();
  }

  async send() {
    const [current, next] = ['password-current', 'password-new'].map((id) => byId(id).value);
    if (current === '') return this.fault('password-current', t('login.missing'));
    const count = kPasswordLength;
    if ([...next].length < count) return this.fault('password-new', t('password.short', { count }));
    const { kind, me } = this;
    await logIn(kind.name, me.login, current); // whoever sits here knows it
    await changeAccount(kind, me, { [kind.account.password]: next }, isAdmin(caller()));
    await logIn(kind.name, me.login, next);
    this.dialog.close();
    this.onDone();
  }

  /** Whether the service finds fault with the password, not with what else the account is. */
  isAbout({ document }) {
    return (document?.errors ?? []).some(({ pointer }) => pointer === `/${this.kind.account.password}`);
  }

  fault(id, text) {
    this.dialog.say(text);
    byId(id).focus();
  }
}
