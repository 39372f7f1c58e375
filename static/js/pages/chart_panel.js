// A query as a chart. The same numbers are in a table: for those who do not see charts, and for everyone when the chart
// library cannot be had. That of a pie is its legend.

import { element } from '../dom.js';
import { day, percent, t, titleOf } from '../i18n.js';
import { ChartView } from '../live/chart.js';
import { spanYears, withCuts } from '../live/days.js';
import { memberTitle, shortTextOf, textOf } from './formats.js';
import { QueryPanel } from './query_panel.js';

const kColours = 6;

export class ChartPanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context);
    this.names = [spec.as === 'line' ? spec.x : spec.slice].flat(); // the first that a row has
    this.value = spec.as === 'line' ? spec.y : spec.value;
    const as = (spec.as === 'line' ? spec.y_as : spec.value_as) ?? 'number';
    this.format = (value) => textOf(value, { as });
    this.canvas = element('canvas', { 'aria-hidden': 'true' });
    this.table = element('div', { 'class': 'chart-table', 'role': 'group', 'tabindex': '0', 'aria-labelledby': this.heading.id });
    this.picture = element('div', { class: 'chart' }, this.canvas);
    this.chart = new ChartView(this.canvas, {
      shape: spec.as, from: spec.from, to: spec.to,
      format: (value) => this.format(value),
      formatShort: (value) => shortTextOf(value, { as }),
    }, this.life.signal);
  }

  isEmpty() {
    const isNothing = this.spec.as === 'pie' && this.rows.every((row) => !row[this.value]);
    return isNothing || this.rows.length === 0;
  }

  draw() {
    const points = this.points();
    this.put(this.picture, this.table);
    this.table.replaceChildren(this.tableOf(points));
    this.paint(points);
  }

  async paint(points) {
    try {
      await this.chart.show(points);
      this.node.removeAttribute('data-no-chart');
    } catch {
      this.node.setAttribute('data-no-chart', '');
    }
  }

  points() {
    const { as, x_as: asTime, words, colours } = this.spec;
    const points = this.rows.map((row) => ({ name: this.nameOf(row), value: row[this.value] ?? (as === 'line' ? null : 0) }));
    if (as === 'line' && asTime === 'date') return pointsOfDays(points);
    return points.map(({ name, value }, index) => ({
      label: textOf(name, { as: as === 'line' ? asTime : undefined, words }),
      value,
      colour: colours?.[name] ?? `--chart-${(index % kColours) + 1}`,
    }));
  }

  nameOf(row) {
    return this.names.map((member) => row[member]).find((value) => value !== undefined && value !== null);
  }

  tableOf(points) {
    const isPie = this.spec.as === 'pie';
    const sum = points.reduce((all, { value }) => all + value, 0);
    const share = (value) => (isPie ? [element('td', { class: 'count' }, percent(value / sum))] : []);
    const what = titleOf(this.source.labels?.[this.value]) || t('member.value');
    const titles = [memberTitle(this.source, this.names[0]), what, ...(isPie ? [t('chart.share')] : [])];
    const heads = titles.map((title, index) =>
      element('th', { scope: 'col', class: index > 0 ? 'count' : null }, title));
    return element('table', {},
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...points.filter(({ value }) => value !== null).map((point) => element('tr', {},
        element('th', { scope: 'row' }, ...(isPie ? [swatch(point.colour)] : []), point.label),
        element('td', { class: 'count' }, this.format(point.value)), ...share(point.value)))));
  }
}

function pointsOfDays(points) {
  const days = points.map(({ name, value }) => ({ date: String(name), value }));
  const withYear = spanYears(days);
  return withCuts(days).map(({ date, value }) => ({ label: date ? day(date, withYear) : '…', value }));
}

function swatch(colour) {
  const mark = element('span', { class: 'swatch' });
  mark.style.background = colour.startsWith('--') ? `var(${colour})` : colour;
  return mark;
}
