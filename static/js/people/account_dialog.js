// Who I am, and what I may do about it.

import { fetchMe } from '../api.js';
import { byId, element } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { FormDialog } from './form_dialog.js';
import { isAdmin, mayChangeOwn } from './rights.js';
import { caller, logOut } from './session.js';
import { wordsOf } from './words.js';

export class AccountDialog {
  /** `onPassword(kind, me)` and `onAccounts()` when their buttons are pressed. */
  constructor({ onPassword, onAccounts }) {
    this.dialog = new FormDialog('me', { onSubmit: () => this.leave(false), wordsOf });
    this.me = null;
    byId('me-everywhere').addEventListener('click', () => this.dialog.run(() => this.leave(true)));
    byId('me-password').addEventListener('click', () => onPassword(this.kind, this.me));
    byId('me-accounts').addEventListener('click', () => onAccounts());
  }

  async open(kinds) {
    const account = caller();
    this.kind = kinds.find(({ name }) => name === account.kind) ?? { account: {} };
    this.me = { ...account, record: {} };
    this.render();
    this.dialog.open();
    await this.dialog.run(async () => {
      const me = await fetchMe();
      this.me = { ...me, record: me.record ?? {} };
      this.render();
    });
  }

  close() {
    this.dialog.close();
  }

  async leave(everywhere) {
    await logOut(everywhere);
  }

  render() {
    const { login, roles = [], record } = this.me;
    const { account, labels } = this.kind;
    const own = Object.entries(record).filter(([name, value]) =>
      ![account.login, account.roles].includes(name) && ['string', 'number'].includes(typeof value));
    const facts = [
      [titleOf(labels?.[account.login]) || t('login.name'), login],
      ...own.map(([name, value]) => [titleOf(labels?.[name]) || name, String(value)]),
      [t('me.kind'), titleOf(this.kind.title)],
      ...(roles.length > 0 ? [[t('me.roles'), roles.join(', ')]] : []),
    ];
    byId('me-facts').replaceChildren(...facts.map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value))));
    byId('me-password').hidden = !mayChangeOwn(this.kind, caller());
    byId('me-accounts').hidden = !isAdmin(caller());
  }
}
