// One row of a table: its cells, what can be done to it, and what became of that; panels below it when it is opened.

import { element, icon, setText } from '../dom.js';
import { t } from '../i18n.js';
import { nodeOf } from './formats.js';
import { Outcome } from './outcome.js';
import { isOffered, labelledButton } from './row_actions.js';

export class TableRow {
  constructor(table, key) {
    this.table = table;
    this.key = key;
    this.shown = '';
    this.panels = [];
    this.outcome = new Outcome();
    this.buttons = element('span', { class: 'row-buttons' });
    this.doing = element('td', { class: 'row-do', role: 'cell', hidden: true }, this.buttons, this.outcome.node);
    this.main = element('tr', { 'role': 'row', 'data-key': key }, this.doing);
    this.inside = element('td', { role: 'cell' });
    this.below = element('tr', { role: 'row', class: 'opened', hidden: true }, this.inside);
    this.nodes = table.spec.row?.open ? [this.main, this.below] : [this.main];
  }

  stop() {
    this.close();
    for (const node of this.nodes) node.remove();
  }

  tick() {
    for (const panel of this.panels) panel.tick();
  }

  translate() {
    this.shown = '';
    for (const panel of this.panels) panel.translate();
  }

  /** What has not changed is left alone. */
  show(row, actions) {
    const { columns, spec } = this.table;
    const shown = JSON.stringify([row, actions.map(({ name }) => name), columns.map(({ title }) => title)]);
    this.row = row;
    if (shown === this.shown) return;
    this.shown = shown;
    const cells = columns.map((column, index) => element(index === 0 ? 'th' : 'td', {
      'scope': index === 0 ? 'row' : null, 'role': index === 0 ? 'rowheader' : 'cell',
      'class': column.looks, 'data-title': column.title,
    }, nodeOf(row[column.member], column)));
    this.showButtons(actions.filter((action) => isOffered(action, row)));
    for (const cell of [...this.main.cells].filter((one) => one !== this.doing)) cell.remove();
    this.doing.before(...cells);
    this.doing.hidden = actions.length === 0 && !spec.row?.open;
    this.inside.setAttribute('colspan', this.main.cells.length);
  }

  /** Those that are there stay, with the focus and the question that one may be asking. */
  showButtons(actions) {
    const names = actions.map(({ name, title }) => name + title).join();
    if (names === this.buttons.dataset.names && this.buttons.childNodes.length > 0) return;
    this.buttons.dataset.names = names;
    this.buttons.replaceChildren(
      ...(this.table.spec.row?.open ? [this.opener()] : []),
      ...actions.map((action) => labelledButton(action, this.name(), () => this.press(action))));
  }

  /** What the row is called: so that buttons of the same word are told apart. */
  name() {
    return String(this.row[this.table.columns[0].member] ?? this.key);
  }

  opener() {
    const isOpen = this.panels.length > 0;
    this.open = element('button', {
      'type': 'button', 'class': 'button small open', 'aria-expanded': String(isOpen), 'aria-label': t('row.open', { row: this.name() }),
      'onclick': () => this.toggle(),
    }, icon('chevron'), t('row.details'));
    return this.open;
  }

  press(action) {
    return this.outcome.watch(() => action.run(this.row, this.key), {
      kind: action.kind, context: this.table.context, buttons: [...this.buttons.querySelectorAll('button')],
    });
  }

  toggle() {
    if (this.panels.length > 0) this.close();
    else this.openPanels();
    this.open.setAttribute('aria-expanded', String(this.panels.length > 0));
  }

  openPanels() {
    const { context, spec } = this.table;
    const place = element('div', { class: 'panels inner' });
    this.inside.replaceChildren(place);
    this.below.hidden = false;
    this.panels = spec.row.open.map((inner) => context.make(inner, { ...context, row: this.row }));
    place.append(...this.panels.map(({ node }) => node));
    for (const panel of this.panels) panel.start();
  }

  close() {
    for (const panel of this.panels) panel.stop();
    this.panels = [];
    this.below.hidden = true;
    this.inside.replaceChildren();
  }
}
