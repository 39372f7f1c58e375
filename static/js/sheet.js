// The first records of the chosen file, as a table.

import { byId, element, setText } from './dom.js';
import { counted, number, t } from './i18n.js';

const kShownCharacters = 120;

/** Shows a summary (records.js); without one, `hint` in its place. */
export function showSheet(summary, hint) {
  byId('sheet').replaceChildren(summary ? table(summary) : element('p', { class: 'sheet-hint' }, hint));
  byId('sheet').scrollTo(0, 0);
  setText(byId('sheet-note'), summary ? sheetNote(summary) : '');
}

/** Marks the cells that the service found fault with (the `errors` of a problem). */
export function markFaults(errors) {
  const rows = byId('sheet').querySelectorAll('tbody tr');
  for (const { index, pointer } of errors) {
    const member = pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
    const cell = [...(rows[index]?.cells ?? [])].find(({ dataset }) => dataset.column === member);
    (cell ?? rows[index])?.classList.add('at-fault');
  }
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

function table({ rows, columns }) {
  const head = columns.map((name) => element('th', { scope: 'col' }, name));
  return element('table', { class: 'records' },
    element('thead', {}, element('tr', {}, element('th', { scope: 'col', class: 'count' }, t('sheet.number')), ...head)),
    element('tbody', {}, ...rows.map((record, index) => row(record, columns, index))));
}

function row(record, columns, index) {
  return element('tr', {},
    element('th', { scope: 'row', class: 'count' }, number(index + 1)),
    ...columns.map((name) => cell(record, name)));
}

function cell(record, name) {
  if (!Object.hasOwn(record, name)) return element('td', { class: 'absent', 'data-column': name }, '–');
  const value = record[name];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const shown = text.length > kShownCharacters ? `${text.slice(0, kShownCharacters)}…` : text;
  return element('td', { class: typeof value === 'string' ? null : 'code', 'data-column': name }, shown);
}
