// A view of a kind as a chart. The same numbers are in a table: for those who do not see charts, and for
// everyone when the chart library cannot be had.

import { byId, element, setText } from '../dom.js';
import { t } from '../i18n.js';
import { ChartView } from './chart.js';
import { lockedText, showState } from './panel.js';
import { Poll } from './poll.js';

const kEveryMs = 3_000;

export class ChartPanel {
  /**
   * `id` of the panel, `path` of its view; `pointsOf(answer)`: `[{label, value}]` in the page's language, where a
   * value of null is a gap;
   * `columns`: the names of the texts for both, `emptyText` of the one where there are none yet; `guarded` as in
   * poll.js, the rest as in chart.js.
   */
  constructor(id, path, { pointsOf, columns, emptyText, guarded, ...look }) {
    this.id = id;
    this.pointsOf = pointsOf;
    this.columns = columns;
    this.emptyText = emptyText;
    this.format = look.format;
    this.chart = new ChartView(byId(`${id}-canvas`), look);
    this.poll = new Poll(path, kEveryMs, () => this.render(), { guarded });
    this.render();
  }

  render() {
    const points = this.poll.data ? this.pointsOf(this.poll.data) : [];
    const isEmpty = points.length === 0 && this.poll.state === 'ready';
    const isLocked = this.poll.state === 'locked';
    showState(this.id, isEmpty ? 'empty' : this.poll.state);
    byId(`${this.id}-empty`).hidden = !isEmpty && !isLocked;
    setText(byId(`${this.id}-empty`), isLocked ? lockedText() : t(this.emptyText));
    byId(`${this.id}-table`).replaceChildren(this.table(points));
    if (points.length > 0 || this.chart.chart) this.draw(points);
  }

  async draw(points) {
    const panel = byId(this.id);
    try {
      await this.chart.show(points);
      panel.removeAttribute('data-no-chart');
    } catch {
      panel.setAttribute('data-no-chart', '');
    }
  }

  table(points) {
    const head = this.columns.map((name) => element('th', { scope: 'col' }, t(name)));
    return element('table', {},
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...points.filter(({ value }) => value !== null).map(({ label, value }) => element('tr', {},
        element('th', { scope: 'row' }, label), element('td', { class: 'count' }, this.format(value))))));
  }
}
