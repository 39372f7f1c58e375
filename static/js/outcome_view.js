// Which records of an accepted upload were not applied, and why.

import { element } from './dom.js';
import { counted, hasText, number, t, titleOf } from './i18n.js';

export const kNotYours = "it is somebody else's";

const kReasons = {
  [kNotYours]: 'reason.not_yours',
  'the login name is taken': 'reason.login_taken',
};

const ofViews = new Map(); // what views say -> {pt, en}

/** Views have words for their reasons in the kinds that they come with. */
export function learnReasons(kinds) {
  for (const { reasons = {} } of kinds) {
    for (const [reason, titles] of Object.entries(reasons)) ofViews.set(reason, titles);
  }
}

/** Why a record was not applied: `{text, isForeign}`, foreign being words of a view that are in no kind. */
export function reasonOf({ outcome, reason = '' }) {
  if (kReasons[reason]) return { text: t(kReasons[reason]), isForeign: false };
  if (ofViews.has(reason)) return { text: titleOf(ofViews.get(reason)), isForeign: false };
  if (!reason && hasText(`outcome.${outcome}`)) return { text: t(`outcome.${outcome}`), isForeign: false };
  return { text: reason || outcome, isForeign: true };
}

/** `outcome` as in outcome.js. */
export function outcomeView({ state, notApplied, records }) {
  const title = state === 'unapplied' ? t('outcome.none') : counted('outcome.some', notApplied);
  const view = element('div', { class: 'problem' }, element('p', { class: 'problem-title' }, title));
  if (records.length < notApplied) {
    view.append(element('p', { class: 'problem-detail' }, t('outcome.first', { count: number(records.length) })));
  }
  if (records.length > 0) view.append(table(records));
  return view;
}

function table(records) {
  const heads = ['refusal.record', 'outcome.key', 'refusal.reason'].map((name) => element('th', { scope: 'col' }, t(name)));
  return element('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': t('outcome.title') },
    element('table', { class: 'faults' },
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...records.map(row))));
}

function row(record) {
  const { text, isForeign } = reasonOf(record);
  return element('tr', {},
    element('th', { scope: 'row', class: 'count' }, number(record.index + 1)),
    element('td', {}, element('code', {}, record.key ?? '–')),
    element('td', { lang: isForeign ? 'en' : null }, text));
}
