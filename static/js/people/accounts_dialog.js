// For admins: who has an account, with which roles; and taking accounts away.

import { fetchAccounts } from '../api.js';
import { byId, element, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { AccountRow } from './account_row.js';
import { FormDialog } from './form_dialog.js';
import { knownRoles } from './rights.js';
import { wordsOf } from './words.js';

export class AccountsDialog {
  constructor() {
    this.kinds = [];
    this.kind = null;
    this.rows = [];
    this.cursor = null;
    this.dialog = new FormDialog('accounts', { onSubmit: () => this.dialog.close(), wordsOf });
    byId('accounts-kind').addEventListener('change', ({ target }) =>
      this.choose(this.kinds.find(({ name }) => name === target.value)));
    byId('accounts-more').addEventListener('click', () => this.dialog.run(() => this.load()));
  }

  /** `kinds`: all; those of accounts can be chosen, the others know names of roles. */
  open(kinds) {
    this.kinds = kinds.filter(({ account }) => account);
    this.roles = knownRoles(kinds);
    byId('accounts-kind-choice').hidden = this.kinds.length < 2;
    byId('accounts-kind').replaceChildren(...this.kinds.map(({ name, title }) =>
      element('option', { value: name, selected: name === this.kind?.name }, titleOf(title))));
    this.tell('');
    this.dialog.open();
    return this.choose(this.kind ?? this.kinds[0]);
  }

  choose(kind) {
    this.kind = kind;
    this.rows = [];
    this.cursor = null;
    this.render();
    return this.dialog.run(() => this.load());
  }

  async load() {
    const { kind } = this;
    const { accounts, cursor } = await fetchAccounts(kind.name, this.cursor);
    if (kind !== this.kind) return;
    this.cursor = cursor ?? null;
    const roles = this.kind.account.roles ? this.roles : [];
    this.rows.push(...accounts.map((account) => new AccountRow(kind, account, roles, {
      run: (work) => this.dialog.run(work),
      tell: (text) => this.tell(text),
      onGone: (row) => this.drop(row),
    })));
    this.render();
  }

  tell(text) {
    setText(byId('accounts-said'), text);
  }

  drop(row) {
    const next = row.node.nextElementSibling ?? row.node.previousElementSibling;
    this.rows = this.rows.filter((other) => other !== row);
    this.render();
    (next?.querySelector('button:enabled') ?? this.dialog.node.querySelector('[data-close]')).focus();
    this.tell(t('accounts.gone', { login: row.account.login }));
  }

  render() {
    setText(byId('accounts-title'), t('accounts.title'));
    byId('accounts-list').replaceChildren(...this.rows.map(({ node }) => node));
    byId('accounts-more').hidden = !this.cursor;
  }
}
