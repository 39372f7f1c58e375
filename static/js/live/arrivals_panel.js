// What comes in: records a second of each kind, and of all over the last minute.

import { element, setText } from '../dom.js';
import { number, t, titleOf } from '../i18n.js';
import { Panel } from '../pages/panel.js';
import { ChartView } from './chart.js';
import { Rate, lastMinute } from './rates.js';
import { kRecentEveryMs, recentPath } from './recent.js';

export class ArrivalsPanel extends Panel {
  constructor(spec, context) {
    super(spec, context);
    this.rows = context.kinds.map((kind) => new KindRow(kind));
    this.rate = element('strong', {});
    this.unit = element('span', {});
    this.heads = ['arrivals.kind', 'arrivals.rate', 'arrivals.total'].map((name, index) =>
      [name, element('th', { scope: 'col', class: index > 0 ? 'count' : null })]);
    this.canvas = element('canvas', { role: 'img' });
    this.chart = new ChartView(this.canvas, { shape: 'line', format: perSecond, isBare: true }, this.life.signal);
    this.body.append(
      element('div', { class: 'arrivals' }, element('p', { class: 'rate' }, this.rate, ' ', this.unit),
        element('div', { class: 'spark' }, this.canvas)),
      element('div', { 'class': 'scroll', 'role': 'group', 'tabindex': '0', 'aria-labelledby': this.heading.id },
        element('table', {},
          element('thead', {}, element('tr', {}, ...this.heads.map(([, head]) => head))),
          element('tbody', {}, ...this.rows.map(({ node }) => node)))));
  }

  start() {
    for (const row of this.rows) {
      row.poll = this.context.polls.listen(recentPath(row.kind), kRecentEveryMs, () => this.render(),
        { guarded: row.kind.access !== undefined, signal: this.life.signal });
    }
    this.render();
  }

  tick() {
    const now = performance.now() / 1000;
    for (const row of this.rows) row.tick(now);
    this.render(now);
  }

  render(now = performance.now() / 1000) {
    const states = this.rows.map(({ poll }) => poll.state);
    this.showState(['ready', 'loading', 'unreachable', 'locked'].find((state) => states.includes(state)) ?? 'absent');
    setText(this.heading, titleOf(this.spec.title) || t('arrivals.title'));
    for (const [name, head] of this.heads) setText(head, t(name));
    this.canvas.setAttribute('aria-label', t('arrivals.chart'));
    const points = lastMinute(this.rows.map(({ rate }) => rate), now).map((value) => ({ label: '', value }));
    setText(this.rate, number(points.at(-1).value, points.at(-1).value < 10 ? 1 : 0));
    setText(this.unit, t('arrivals.unit'));
    for (const row of this.rows) row.render(now);
    this.chart.show(points).catch(() => {}); // the numbers stand beside it
  }
}

const perSecond = (value) => number(value, 1);

class KindRow {
  constructor(kind) {
    this.kind = kind;
    this.poll = null;
    this.rate = new Rate();
    this.title = element('th', { scope: 'row' });
    this.now = element('td', { class: 'count' });
    this.total = element('td', { class: 'count' });
    this.node = element('tr', { 'data-kind': kind.name }, this.title, this.now, this.total);
  }

  /** How many there have been; null if that is not known. */
  get count() {
    return this.poll.data?.counters.records ?? null;
  }

  tick(now) {
    if (this.count !== null) this.rate.add(now, this.count);
  }

  render(now) {
    setText(this.title, titleOf(this.kind.title));
    setText(this.now, this.count === null ? '–' : perSecond(this.rate.at(now)));
    setText(this.total, this.count === null ? '–' : number(this.count));
  }
}
