// The live part of the page: what has come in and what the kinds compute from it. Only what the service
// offers is shown.

import { byId } from '../dom.js';
import { day, money, number, shortMoney, titleOf } from '../i18n.js';
import { ArrivalsPanel } from './arrivals_panel.js';
import { ChartPanel } from './chart_panel.js';
import { spanYears, withCuts } from './days.js';
import { FlagsPanel } from './flags_panel.js';
import { LatestPanel } from './latest_panel.js';
import { Poll } from './poll.js';
import { PurchasesPanel, isCallersOwn } from './purchases_panel.js';

const kEveryMs = 1_000;
const kShown = 12;

const hasView = (name) => (kind) => (kind.views ?? []).some((view) => view.name === name);

/** With the kinds that are watched first. */
export const inOrder = (kinds) => [...kinds].sort((one, other) => hasView('flags')(other) - hasView('flags')(one));

function pointsOfDays(days) {
  const withYear = spanYears(days);
  return withCuts(days).map(({ date, orders }) => ({ label: date ? day(date, withYear) : '…', value: orders }));
}

export class Dashboard {
  constructor() {
    this.polls = {};
    this.panels = [];
    this.latest = new LatestPanel((name) => titleOf(this.kinds.find((kind) => kind.name === name)?.title));
    this.kind = null;
  }

  /** Once the kinds are known. */
  start(kinds) {
    this.kinds = kinds;
    this.startFlags(kinds.find(hasView('flags')));
    this.startChart('revenue', kinds.find(hasView('sellers')), 'sellers?limit=10', {
      shape: 'bars',
      columns: ['revenue.seller', 'revenue.received'],
      emptyText: 'revenue.empty',
      format: (cents) => money(cents),
      formatShort: (cents) => shortMoney(cents),
      pointsOf: ({ sellers }) => sellers.map(({ seller_id, name, total_received }) =>
        ({ label: name ?? seller_id, value: total_received ?? 0 })),
    });
    this.startChart('orders', kinds.find(hasView('by-day')), 'by-day?limit=31', {
      shape: 'line',
      columns: ['orders.day', 'orders.count'],
      emptyText: 'orders.empty',
      format: (count) => number(count),
      pointsOf: ({ days }) => pointsOfDays(days),
    });
    const shop = kinds.find(({ views = [] }) => views.some((view) => view.name === 'purchases' && isCallersOwn(view)));
    if (shop) this.panels.push(new PurchasesPanel(shop));
    this.arrivals = new ArrivalsPanel(kinds);
    for (const kind of kinds) this.startRecent(kind);
  }

  startFlags(kind) {
    byId('flags').hidden = !kind;
    if (!kind) return;
    this.flags = new FlagsPanel(kind, (keys) => {
      this.flagged = { kind, keys };
      if (this.kind === kind) this.latest.markFlagged(keys);
    });
  }

  startChart(id, kind, view, options) {
    byId(id).hidden = !kind;
    const guarded = kind?.access !== undefined;
    if (kind) this.panels.push(new ChartPanel(id, `/api/v1/views/${kind.name}/${view}`, { ...options, guarded }));
  }

  startRecent(kind) {
    const path = `/api/v1/recent/${kind.name}?limit=${kShown}`;
    this.polls[kind.name] = new Poll(path, kEveryMs, () => this.recentChanged(kind), { guarded: kind.access !== undefined });
    this.recentChanged(kind);
  }

  recentChanged(kind) {
    this.arrivals.update(this.polls);
    byId('dashboard').hidden = Object.values(this.polls).every(({ state }) => state === 'absent');
    if (kind === this.kind) this.latest.show(kind, this.polls[kind.name]);
  }

  /** The kind whose latest records are shown. */
  showKind(kind) {
    this.kind = kind;
    this.latest.flagged = this.flagged?.kind === kind ? this.flagged.keys : new Set();
    if (kind && this.polls[kind.name]) this.latest.show(kind, this.polls[kind.name]);
  }

  tick() {
    this.flags?.tick();
    this.arrivals?.tick();
    this.latest.tick();
  }

  translate() {
    this.flags?.translate();
    this.arrivals?.render();
    this.latest.render();
    for (const panel of this.panels) panel.render();
  }
}
