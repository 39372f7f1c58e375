// The latest records of one kind: what they say, how long the cache keeps them, and who is flagged.

import { fetchRefused } from '../api.js';
import { element, setText } from '../dom.js';
import { serverNow } from '../http.js';
import { clockTime, duration, t, titleOf } from '../i18n.js';
import { Panel } from '../pages/panel.js';
import { kRecentEveryMs, recentPath } from './recent.js';

export class LatestPanel extends Panel {
  constructor(spec, context) {
    super(spec, context);
    this.flagged = new Map(); // by kind: the keys
    this.waiting = new Map(); // by key: what it waits for
    this.ages = []; // [node, what its text depends on]
    this.asking = new AbortController();
    this.table = element('div', { 'class': 'scroll', 'role': 'group', 'tabindex': '0', 'aria-labelledby': this.heading.id });
  }

  start() {
    this.choose(this.context.chosen);
  }

  stop() {
    super.stop();
    this.asking.abort();
  }

  /** At the desk the page's own kind stands for the one that is chosen. */
  choose(chosen) {
    const named = this.kindOf(this.spec.kind) ?? this.context.kind;
    const kind = named === this.context.kind ? chosen : named;
    if (kind === this.kind) return;
    this.kind = kind;
    this.waiting = new Map();
    this.asking.abort();
    this.asking = new AbortController();
    this.poll = this.context.polls.listen(recentPath(kind), kRecentEveryMs, () => this.update(),
      { guarded: kind.access !== undefined, signal: this.asking.signal });
    this.update();
  }

  /** Shows the answer, and for the records that were refused what they wait for. */
  async update() {
    const { kind, poll } = this;
    this.render();
    if (!poll.data?.records.some(({ outcome }) => outcome === 'refused')) return;
    try {
      const { records } = await fetchRefused(kind.name);
      if (kind !== this.kind) return;
      this.waiting = new Map(records.map((record) => [record.key, record]));
      this.render();
    } catch {
      // They are asked for again with the next change.
    }
  }

  markFlagged(kind, keys) {
    this.flagged.set(kind, keys);
    if (kind === this.kind) this.render();
  }

  isFlagged(key) {
    return this.flagged.get(this.kind)?.has(key) ?? false;
  }

  render() {
    const { state, data } = this.poll;
    const records = data?.records ?? [];
    const isEmpty = records.length === 0 && state === 'ready';
    this.showState(isEmpty ? 'empty' : state);
    setText(this.heading, titleOf(this.spec.title) || t('latest.title', { kind: titleOf(this.kind.title) }));
    this.ages = [];
    if (state === 'locked') return this.showLocked(this.kind);
    if (isEmpty) return this.hint(t('latest.empty'));
    this.put(this.table);
    this.table.replaceChildren(this.tableOf(records));
    this.tick();
  }

  tableOf(records) {
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
    return element('tr', { 'class': this.isFlagged(key) ? 'at-fault' : null, 'data-key': key },
      element('th', { scope: 'row' }, ...this.tags(key), key),
      element('td', { class: 'count' }, clockTime(Date.parse(arrived_at))), age,
      ...columns.map((name) => element('td', {}, textOf(record?.[name]))));
  }

  tags(key) {
    const tag = (name, mood) => [element('span', { class: 'tag', 'data-mood': mood }, t(name)), ' '];
    if (this.isFlagged(key)) return tag('latest.flagged', 'alarm');
    return this.waiting.has(key) ? tag('latest.waiting', 'waiting') : [];
  }

  waitingText({ waits_for, reason }) {
    return waits_for ? t('latest.waits_for', { kind: titleOf(this.kindOf(waits_for.kind)?.title), key: waits_for.key }) : reason;
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
