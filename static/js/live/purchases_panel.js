// What whoever is logged in bought: the view `purchases` of a kind, where it is its caller's own.

import { byId, element } from '../dom.js';
import { dateTime, money, t } from '../i18n.js';
import { showState } from './panel.js';
import { Poll } from './poll.js';

const kEveryMs = 3_000;
const kShown = 20;
const kColumns = ['id', 'date', 'total', 'card'];

/** Whether the view is about the caller, without being told about whom. */
export const isCallersOwn = (view) => view.parameters.some(({ from }) => from === 'principal');

export class PurchasesPanel {
  constructor(kind) {
    const path = `/api/v1/views/${kind.name}/purchases?limit=${kShown}`;
    this.poll = new Poll(path, kEveryMs, () => this.render(), { guarded: true });
  }

  /** For those alone whose own it is. */
  render() {
    const { state, data } = this.poll;
    const purchases = data?.purchases ?? [];
    showState('purchases', data ? state : 'absent');
    byId('purchases-table').replaceChildren(purchases.length > 0
      ? table(purchases)
      : element('p', { class: 'sheet-hint' }, t('purchases.empty')));
  }
}

function table(purchases) {
  const heads = kColumns.map((name) =>
    element('th', { scope: 'col', class: name === 'total' ? 'count' : null }, t(`purchases.${name}`)));
  return element('table', {},
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...purchases.map(row)));
}

const row = ({ id, date, total, card }) => element('tr', { 'data-key': id },
  element('th', { scope: 'row' }, id),
  element('td', {}, dateTime(Date.parse(date))),
  element('td', { class: 'count' }, money(total)),
  element('td', {}, card));
