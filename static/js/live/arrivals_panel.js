// What comes in: records a second of each kind, and of all over the last minute.

import { byId, element, setText } from '../dom.js';
import { number, t, titleOf } from '../i18n.js';
import { ChartView } from './chart.js';
import { showState } from './panel.js';
import { Rate, lastMinute } from './rates.js';

export class ArrivalsPanel {
  constructor(kinds) {
    this.rows = new Map(kinds.map((kind) => [kind.name, new KindRow(kind)]));
    byId('arrivals-kinds').replaceChildren(...[...this.rows.values()].map(({ node }) => node));
    this.chart = new ChartView(byId('arrivals-canvas'), { shape: 'line', format: perSecond, isBare: true });
    this.state = 'loading';
    this.render();
  }

  /** `answers`: by kind, what its poll knows. */
  update(answers) {
    const states = Object.values(answers).map(({ state }) => state);
    this.state = ['ready', 'loading', 'unreachable', 'locked'].find((state) => states.includes(state)) ?? 'absent';
    for (const [kind, { state, data }] of Object.entries(answers)) {
      if (data && state === 'ready') this.rows.get(kind).count = data.counters.records;
      if (state === 'locked') this.rows.get(kind).count = null;
    }
  }

  tick() {
    const now = performance.now() / 1000;
    for (const row of this.rows.values()) row.tick(now);
    this.render(now);
  }

  render(now = performance.now() / 1000) {
    showState('arrivals', this.state);
    const rates = [...this.rows.values()].map(({ rate }) => rate);
    const points = lastMinute(rates, now).map((value) => ({ label: '', value }));
    setText(byId('arrivals-rate'), number(points.at(-1).value, points.at(-1).value < 10 ? 1 : 0));
    setText(byId('arrivals-unit'), t('arrivals.unit'));
    for (const row of this.rows.values()) row.render(now);
    this.chart.show(points).catch(() => {}); // the numbers stand beside it
  }
}

const perSecond = (value) => number(value, 1);

class KindRow {
  constructor(kind) {
    this.kind = kind;
    this.count = null;
    this.rate = new Rate();
    this.title = element('th', { scope: 'row' });
    this.now = element('td', { class: 'count' });
    this.total = element('td', { class: 'count' });
    this.node = element('tr', { 'data-kind': kind.name }, this.title, this.now, this.total);
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
