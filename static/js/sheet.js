// The first records of the chosen file, as a table.

import { byId, element, setText } from './dom.js';
import { counted, number, t } from './i18n.js';
import { pointerNames } from './rules.js';

const kShownCharacters = 120;

/** Shows a summary (records.js), but what is in its column `secret`; without one, `hint` in its place, a text or a node. */
export function showSheet(summary, hint, secret) {
  const inPlace = typeof hint === 'string' ? element('p', { class: 'sheet-hint' }, hint) : hint;
  byId('sheet').replaceChildren(summary ? table(summary, secret) : inPlace);
  byId('sheet').scrollTo(0, 0);
  setText(byId('sheet-note'), summary ? sheetNote(summary) : '');
}

/** Marks the cells that the service found fault with (the `errors` of a problem). */
export function markFaults(errors) {
  const rows = byId('sheet').querySelectorAll('tbody tr');
  const marked = errors.map((error) => faultyCell(rows[error.index], error.pointer)).filter(Boolean);
  for (const node of marked) node.classList.add('at-fault');
  if (marked.length > 0) bringIntoView(marked[0]);
}

/** Within the sheet only: the page stays where it is. */
function bringIntoView(cell) {
  const head = byId('sheet').querySelector('thead .count');
  byId('sheet').scrollTo(cell.offsetLeft - head.offsetWidth, cell.offsetTop - 2 * head.offsetHeight);
}

/** The cell of the pointer's member; the whole row if it has none such; nothing if the row is not shown. */
function faultyCell(row, pointer) {
  const member = pointerNames(pointer)[0];
  return [...(row?.cells ?? [])].find(({ dataset }) => dataset.column === member) ?? row;
}

function sheetNote({ count, rows, columns, columnCount }) {
  const notes = [rows.length < count
    ? t('sheet.first', { shown: number(rows.length), count: number(count) })
    : counted('records', count)];
  if (columns.length < columnCount) {
    notes.push(t('sheet.columns', { shown: number(columns.length), count: number(columnCount) }));
  }
  return notes.join(' · ');
}

/** `names`: what the columns of a table are called there. */
function table({ rows, columns, names = {} }, secret) {
  const head = columns.map((name) => element('th', { scope: 'col' },
    ...(names[name] && names[name] !== name ? [element('span', { class: 'was' }, names[name], ' → ')] : []), name));
  return element('table', { class: 'records' },
    element('thead', {}, element('tr', {}, element('th', { scope: 'col', class: 'count' }, t('sheet.number')), ...head)),
    element('tbody', {}, ...rows.map((record, index) => row(record, columns, index, secret))));
}

function row(record, columns, index, secret) {
  return element('tr', {},
    element('th', { scope: 'row', class: 'count' }, number(index + 1)),
    ...columns.map((name) => cell(name === secret ? masked(record, name) : record, name)));
}

/** A password is shown to nobody, as long as it may be. */
const masked = (record, name) => (Object.hasOwn(record, name) ? { [name]: '••••••••' } : {});

function cell(record, name) {
  if (!Object.hasOwn(record, name)) return element('td', { class: 'absent', 'data-column': name }, '–');
  const value = record[name];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const shown = text.length > kShownCharacters ? `${text.slice(0, kShownCharacters)}…` : text;
  return element('td', { class: typeof value === 'string' ? null : 'code', 'data-column': name }, shown);
}
