// One account in the admins' list.

import { element, setText } from '../dom.js';
import { t } from '../i18n.js';
import { changeAccount, removeAccount } from './account_changes.js';
import { caller } from './session.js';

export class AccountRow {
  /**
   * `roles`: the names to choose from, none if the kind has none. `run(work)` does something and says what went wrong,
   * `tell(text)` what was done, `onGone(row)` when the account is no more.
   */
  constructor(kind, account, roles, { run, tell, onGone }) {
    Object.assign(this, { kind, account, run, tell, onGone });
    const me = caller();
    this.isMe = me?.kind === kind.name && me.key === account.key;
    const choices = roles.length > 0 ? new Set([...roles, ...account.roles ?? []]) : [];
    this.boxes = new Map([...choices].map((role) => [role, this.box(role)]));
    const button = (mood, name, onclick) => element('button', { type: 'button', class: `button small ${mood}`, onclick }, t(name));
    this.save = button('', 'accounts.save', () => this.press());
    this.remove = button('danger', 'accounts.remove', () => this.pressRemove());
    this.node = this.build();
    this.render();
  }

  build() {
    const { login, key, record = {} } = this.account;
    const names = Object.entries(record).filter(([name, value]) =>
      typeof value === 'string' && ![this.kind.account.login, this.kind.key].includes(name)).slice(0, 1).map(([, value]) => value);
    const who = [...names, key].join(' · ');
    return element('li', { 'class': 'account-row', 'data-key': key },
      element('div', { class: 'account-who' }, element('strong', {}, login), ' ',
        ...(this.isMe ? [element('span', { class: 'note' }, t('accounts.you'))] : []),
        element('span', { class: 'note account-key' }, who)),
      this.boxes.size > 0 ? element('fieldset', { class: 'account-roles' },
        element('legend', { class: 'visually-hidden' }, t('accounts.roles_of', { login })),
        ...[...this.boxes.values()].map(({ label }) => label)) : '',
      element('div', { class: 'account-do' }, this.boxes.size > 0 ? this.save : '', this.remove));
  }

  box(role) {
    const input = element('input', {
      type: 'checkbox', checked: this.account.roles?.includes(role) ?? false, disabled: this.isMe, onchange: () => this.render(),
    });
    return { input, label: element('label', { class: 'role' }, input, role) };
  }

  chosen() {
    return [...this.boxes].filter(([, { input }]) => input.checked).map(([role]) => role);
  }

  render() {
    const [chosen, before] = [this.chosen(), this.account.roles ?? []].map((roles) => [...roles].sort().join());
    this.save.disabled = chosen === before;
    this.remove.disabled = this.isMe;
    for (const [button, what] of [[this.save, 'save'], [this.remove, 'remove']]) {
      button.setAttribute('aria-label', t(`accounts.${what}_of`, { login: this.account.login }));
    }
  }

  press() {
    const roles = this.chosen();
    return this.run(async () => {
      await changeAccount(this.kind, this.account, { [this.kind.account.roles]: roles }, true);
      this.account.roles = roles;
      this.render();
      this.tell(t('accounts.saved', { login: this.account.login }));
    });
  }

  /** The first press asks, the second does it. */
  pressRemove() {
    if (!this.isSure) return this.makeSure();
    return this.run(async () => {
      await removeAccount(this.kind, this.account.key);
      this.onGone(this);
    });
  }

  makeSure() {
    this.isSure = true;
    this.remove.classList.add('sure');
    setText(this.remove, t('accounts.sure'));
    this.remove.setAttribute('aria-label', t('accounts.sure_of', { login: this.account.login }));
    this.remove.addEventListener('blur', () => this.calm(), { once: true });
  }

  calm() {
    this.isSure = false;
    this.remove.classList.remove('sure');
    setText(this.remove, t('accounts.remove'));
    this.render();
  }
}
