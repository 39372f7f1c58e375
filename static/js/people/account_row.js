// One account in the admins' list.

import { removeRecord } from '../changes.js';
import { element } from '../dom.js';
import { SureButton } from '../sure_button.js';
import { t } from '../i18n.js';
import { changeAccount } from './account_changes.js';
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
    const words = (name) => t(`accounts.${name}`, { login: account.login });
    this.save = element('button', {
      'type': 'button', 'class': 'button small', 'aria-label': words('save_of'), 'onclick': () => this.press(),
    }, t('accounts.save'));
    this.remove = new SureButton({
      title: t('accounts.remove'), label: words('remove_of'), sureTitle: t('accounts.sure'), sureLabel: words('sure_of'),
    }, () => this.pressRemove());
    this.remove.node.disabled = this.isMe;
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
      element('div', { class: 'account-do' }, this.boxes.size > 0 ? this.save : '', this.remove.node));
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

  pressRemove() {
    return this.run(async () => {
      await removeRecord(this.kind, this.account.key);
      this.onGone(this);
    });
  }
}
