// A query's rows as a table: paged, searched and filtered where the query has it, with actions on each row.

import { element, icon, putChildren, setText } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { csvButton } from './csv.js';
import { Filters } from './filters.js';
import { classOf, memberTitle } from './formats.js';
import { QueryPanel } from './query_panel.js';
import { actionsOf } from './row_actions.js';
import { TableRow } from './table_row.js';

export class TablePanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context);
    this.kind = this.kindOf(spec.row?.kind) ?? this.source;
    this.key = spec.row?.key ?? this.kind?.key;
    this.list = new Map(); // by key
    this.cursors = []; // of the pages before this one
    this.head = element('tr', { role: 'row' });
    this.inside = element('tbody', { role: 'rowgroup' });
    this.table = element('div', { 'class': 'scroll', 'role': 'group', 'tabindex': '0', 'aria-labelledby': this.heading.id },
      element('table', { class: 'rows', role: 'table' }, element('thead', { role: 'rowgroup' }, this.head), this.inside));
    this.pager = this.makePager();
    this.filters = new Filters(spec, this.view, this.kind, `${this.id}-filter`, (given) => this.ask(given));
    this.tools.append(this.filters.node);
    if (!context.row) this.tools.append(csvButton(this)); // what belongs to a row is not taken along
    this.node.append(this.pager.node);
  }

  makePager() {
    const button = (onclick) =>
      element('button', { type: 'button', class: 'button small', onclick }, icon('chevron'), element('span', {}));
    const before = button(() => this.turnTo(this.cursors.pop()));
    const next = button(() => {
      this.cursors.push(this.given.cursor ?? '');
      this.turnTo(this.poll.data.cursor);
    });
    return { before, next, node: element('div', { class: 'pager' }, before, next) };
  }

  stop() {
    super.stop();
    for (const row of this.list.values()) row.stop();
  }

  tick() {
    for (const row of this.list.values()) row.tick();
  }

  /** Other arguments: from the first page on. */
  ask(given) {
    Object.assign(this.given, given);
    this.cursors = [];
    this.turnTo('');
  }

  turnTo(cursor) {
    this.given.cursor = cursor;
    this.listen();
  }

  render() {
    super.render();
    this.filters.translate();
    this.showPager();
  }

  translate() {
    for (const row of this.list.values()) row.translate();
    super.render();
    this.filters.translate();
    this.showPager();
  }

  showPager() {
    const { before, next, node } = this.pager;
    const [isFirst, isLast] = [this.cursors.length === 0, !this.poll.data?.cursor];
    node.hidden = isFirst && isLast;
    before.disabled = isFirst;
    next.disabled = isLast;
    setText(before.lastChild, t('pager.before'));
    setText(next.lastChild, t('pager.next'));
  }

  draw() {
    const actions = actionsOf(this.spec.row ?? {}, this.kind, this.context);
    const hasActions = actions.length > 0 || this.spec.row?.open !== undefined;
    this.columns = this.spec.columns.map((column) => ({ ...column, title: this.titleOf(column), looks: classOf(column.as) }));
    this.head.replaceChildren(...this.columns.map(({ title, looks }) =>
      element('th', { scope: 'col', role: 'columnheader', class: looks }, title)),
    ...(hasActions ? [actionsHead()] : []));
    const before = this.list;
    this.list = new Map(this.rows.map((row, index) => {
      const key = String(row[this.key] ?? index);
      return [key, before.get(key) ?? new TableRow(this, key)];
    }));
    for (const [key, row] of before) if (!this.list.has(key)) row.stop();
    this.rows.forEach((row, index) => this.list.get(String(row[this.key] ?? index)).show(row, actions));
    putChildren(this.inside, [...this.list.values()].flatMap(({ nodes }) => nodes));
    this.put(this.table);
  }

  titleOf({ title, member }) {
    return titleOf(title) || memberTitle(this.kind, member);
  }
}

const actionsHead = () => element('th', { scope: 'col', role: 'columnheader' },
  element('span', { class: 'visually-hidden' }, t('row.actions')));
