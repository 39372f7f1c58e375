// The latest records of one kind: what they say, how long the cache keeps them, and who is flagged.

import { fetchRefused } from '../api.js';
import { byId, element, setText } from '../dom.js';
import { serverNow } from '../http.js';
import { clockTime, duration, t, titleOf } from '../i18n.js';
import { lockedText, showState } from './panel.js';

export class LatestPanel {
  /** `titleOfKind(name)` in the page's language. */
  constructor(titleOfKind) {
    this.titleOfKind = titleOfKind;
    this.kind = null;
    this.answer = { state: 'loading', data: null };
    this.flagged = new Set();
    this.waiting = new Map(); // by key: what it waits for
    this.ages = []; // [node, what its text depends on]
  }

  /** Shows the answer of a kind's poll, and for the records that were refused what they wait for. */
  async show(kind, answer) {
    if (kind !== this.kind) this.waiting = new Map();
    this.kind = kind;
    this.answer = answer;
    this.render();
    if (!answer.data?.records.some(({ outcome }) => outcome === 'refused')) return;
    try {
      const { records } = await fetchRefused(kind.name);
      if (kind !== this.kind) return;
      this.waiting = new Map(records.map((record) => [record.key, record]));
      this.render();
    } catch {
      // They are asked for again with the next change.
    }
  }

  markFlagged(keys) {
    this.flagged = keys;
    this.render();
  }

  render() {
    if (!this.kind) return;
    const records = this.answer.data?.records ?? [];
    const isEmpty = records.length === 0 && this.answer.state === 'ready';
    showState('latest', isEmpty ? 'empty' : this.answer.state);
    setText(byId('latest-title'), t('latest.title', { kind: titleOf(this.kind.title) }));
    this.ages = [];
    const isLocked = this.answer.state === 'locked';
    byId('latest-table').replaceChildren(isEmpty || isLocked
      ? element('p', { class: 'sheet-hint' }, isLocked ? lockedText() : t('latest.empty'))
      : this.table(records));
    this.tick();
  }

  table(records) {
    const columns = this.kind.cache_fields.filter((name) => name !== this.kind.key);
    const label = (name) => titleOf(this.kind.labels?.[name]) || name;
    const heads = [label(this.kind.key), t('latest.arrived'), t('latest.left'), ...columns.map(label)];
    return element('table', { class: 'records' },
      element('thead', {}, element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)))),
      element('tbody', {}, ...records.map((record) => this.row(record, columns))));
  }

  row({ key, record, outcome, arrived_at, expires_at }, columns) {
    const age = element('td', { class: 'count' });
    const waiting = this.waiting.get(key);
    if (waiting) setText(age, this.waitingText(waiting));
    else this.ages.push([age, { isThere: record !== undefined, outcome, until: Date.parse(expires_at) }]);
    return element('tr', { 'class': this.flagged.has(key) ? 'at-fault' : null, 'data-key': key },
      element('th', { scope: 'row' }, ...this.tags(key), key),
      element('td', { class: 'count' }, clockTime(Date.parse(arrived_at))), age,
      ...columns.map((name) => element('td', {}, textOf(record?.[name]))));
  }

  tags(key) {
    const tag = (name, mood) => [element('span', { class: 'tag', 'data-mood': mood }, t(name)), ' '];
    if (this.flagged.has(key)) return tag('latest.flagged', 'alarm');
    return this.waiting.has(key) ? tag('latest.waiting', 'waiting') : [];
  }

  waitingText({ waits_for, reason }) {
    return waits_for ? t('latest.waits_for', { kind: this.titleOfKind(waits_for.kind), key: waits_for.key }) : reason;
  }

  tick() {
    const now = serverNow();
    for (const [node, record] of this.ages) setText(node, leftText(record, now));
  }
}

/** What the cache has of the record now. */
function leftText({ isThere, outcome, until }, now) {
  if (outcome === 'deleted' || outcome === 'late') return t(`latest.${outcome}`);
  if (until > now) return duration((until - now) / 1000);
  return isThere && Number.isNaN(until) ? t('ttl.kept') : t('latest.gone');
}

const textOf = (value) => {
  if (value === undefined || value === null) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
