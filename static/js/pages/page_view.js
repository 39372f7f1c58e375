// The panels of one page, made and ended as the page comes and goes, and as whoever looks at it may see them.

import { element, setText } from '../dom.js';
import { titleOf } from '../i18n.js';
import { ArrivalsPanel } from '../live/arrivals_panel.js';
import { FlagsPanel } from '../live/flags_panel.js';
import { LatestPanel } from '../live/latest_panel.js';
import { Polls } from '../live/polls.js';
import { allows } from '../people/rights.js';
import { caller } from '../people/session.js';
import { BoardPanel } from './board_panel.js';
import { ChartPanel } from './chart_panel.js';
import { FormPanel } from './form_panel.js';
import { LookupPanel } from './lookup_panel.js';
import { NumberPanel } from './number_panel.js';
import { QrPanel } from './qr_panel.js';
import { isOfOthers } from './query.js';
import { StepsPanel } from './steps_panel.js';
import { TablePanel } from './table_panel.js';

const kPanels = {
  arrivals: ArrivalsPanel,
  bars: ChartPanel,
  board: BoardPanel,
  flags: FlagsPanel,
  form: FormPanel,
  latest: LatestPanel,
  line: ChartPanel,
  lookup: LookupPanel,
  number: NumberPanel,
  pie: ChartPanel,
  qr: QrPanel,
  steps: StepsPanel,
  table: TablePanel,
};

export class PageView {
  /**
   * `place` of the panels, and `beside` of those that stand beside the desk. `services`: `askToLogIn(kind)`,
   * `ask(…)` (record_dialog.js), `setAlarm(text)`.
   */
  constructor(place, beside, services) {
    Object.assign(this, { place, beside, services });
    this.polls = new Polls();
    this.shown = null; // {page, kind}
    this.panels = []; // {spec, panel}, panel being null for those that the caller does not see
    this.heading = element('h2', { id: 'panels-title' });
    window.addEventListener('caller', () => this.refresh());
  }

  /** `page` as in page.yaml, its `kind`, all `kinds`, and which is `chosen`; `isBeside`: below the desk. */
  show({ page, kind, kinds, chosen, isBeside }) {
    if (this.shown?.page === page && this.shown.isBeside === isBeside) return this.choose(chosen);
    this.clear();
    this.shown = { page, isBeside };
    const flagged = new Map();
    this.context = {
      ...this.services, kind, kinds, chosen, polls: this.polls,
      make: (spec, context) => new kPanels[spec.as](spec, context),
      changed: () => this.again(),
      formatsOf: (about) => formatsOf(page, about),
      flagged: (about, keys) => this.flag(flagged.set(about, keys)),
    };
    this.context.ask = (asked) => this.services.ask({ formats: formatsOf(page, asked.kind), ...asked });
    this.flags = flagged;
    this.panels = page.panels.filter(({ as }) => kPanels[as]).map((spec) => ({ spec, panel: null }));
    setText(this.heading, titleOf(page.title));
    this.place.append(this.heading);
    this.refresh();
  }

  clear() {
    for (const { panel } of this.panels) panel?.stop();
    this.panels = [];
    this.shown = null;
    this.place.replaceChildren();
  }

  /** Another kind at the desk, of the same page. */
  choose(chosen) {
    this.context.chosen = chosen;
    for (const { panel } of this.panels) panel?.choose?.(chosen);
  }

  /** Panels come and go with who is logged in. */
  refresh() {
    for (const one of this.panels) {
      const mayBeSeen = allows([one.spec.who ?? 'anyone'].flat(), this.context.kind, caller())
        && !isOfOthers(one.spec, this.context.kinds, caller());
      if (mayBeSeen === (one.panel !== null)) continue;
      if (mayBeSeen) this.open(one);
      else this.close(one);
    }
  }

  open(one) {
    one.panel = this.context.make(one.spec, this.context);
    const isBeside = this.shown.isBeside && one.spec.as === 'flags';
    const place = isBeside ? this.beside : this.place;
    const next = this.panels.slice(this.panels.indexOf(one) + 1).find(({ panel }) => panel?.node.parentNode === place);
    place.insertBefore(one.panel.node, next?.panel.node ?? null);
    one.panel.start();
    this.flag(this.flags);
  }

  close(one) {
    one.panel.stop();
    one.panel = null;
  }

  flag(flagged) {
    for (const [kind, keys] of flagged) for (const { panel } of this.panels) panel?.markFlagged?.(kind, keys);
  }

  again() {
    for (const { panel } of this.panels) panel?.again();
  }

  tick() {
    for (const { panel } of this.panels) panel?.tick();
  }

  translate() {
    if (!this.shown) return;
    setText(this.heading, titleOf(this.shown.page.title));
    for (const { panel } of this.panels) panel?.translate();
  }
}

/** How a page shows the members of a kind: so they are typed, too. */
function formatsOf(page, kind) {
  const panels = page.panels.flatMap((panel) => [panel, ...(panel.row?.open ?? []), ...(panel.steps ?? []).flatMap(({ panels: inner = [] }) => inner)]);
  const tables = panels.filter(({ columns, view, row }) => columns && (row?.kind ?? view.split('/')[0]) === kind.name);
  const columns = tables.flatMap((table) => table.columns).filter((column) => typeof column === 'object');
  return Object.fromEntries(columns.filter(({ as, words }) => as || words).map((column) => [column.member, column]));
}
