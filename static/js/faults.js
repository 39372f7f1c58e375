// What is wrong with a file or an upload, in words and as a table.

import { element } from './dom.js';
import { bytes, counted, hasText, number, t } from './i18n.js';
import { kMaxContentBytes } from './limits.js';
import { expectation, labelAt, pointerNames, schemaAt } from './rules.js';

/** Why the file cannot be sent: one sentence. */
export function fileFaultText({ code, values }) {
  const shown = { ...values, limit: bytes(values.limit ?? kMaxContentBytes) };
  for (const name of ['line', 'column', 'record']) {
    if (name in values) shown[name] = number(values[name]);
  }
  if (values.reason) shown.reason = t(`syntax.${values.reason}`);
  return t(`fault.${code}`, shown);
}

/** Why the service said no: one sentence. */
function problemText({ status }) {
  return hasText(`problem.${status}`) ? t(`problem.${status}`) : t('problem.other', { status });
}

/**
 * The problem in full: its sentence, the service's own words, and a table of the records at fault.
 * `acceptedBefore` records of the same file are in already. The problem's `rules` are `{labels, schema}` of the kind,
 * or null.
 */
export function problemView({ status, document, rules = null }, acceptedBefore) {
  const errors = Array.isArray(document.errors) ? document.errors : [];
  const view = element('div', { class: 'problem' }, element('p', { class: 'problem-title' }, problemText({ status })));
  const detail = detailText(document);
  if (detail && errors.length === 0) view.append(element('p', { class: 'problem-detail', lang: 'en' }, detail));
  if (errors.length > 0) view.append(errorCount(errors), errorTable(errors, rules));
  if (errors.length > 0 || acceptedBefore > 0) view.append(whatIsIn(acceptedBefore));
  if (document.trace_id && status !== 422) {
    view.append(element('p', { class: 'note code' }, t('refusal.trace', { trace: document.trace_id })));
  }
  return view;
}

function detailText({ detail = '', line, column }) {
  if (!line) return detail;
  return t('fault.syntax', { line: number(line), column: number(column ?? 1), reason: detail });
}

/** The service names at most the first hundred records: then there may be more. */
function errorCount(errors) {
  const key = errors.length < 100 ? counted('refusal.count', errors.length) : t('refusal.first', { count: 100 });
  return element('p', { class: 'problem-detail' }, key);
}

function whatIsIn(acceptedBefore) {
  const text = acceptedBefore > 0 ? counted('refusal.before', acceptedBefore) : t('refusal.none');
  return element('p', { class: 'problem-detail' }, text);
}

/** Records of a table are told by the line that they begin on. */
function errorTable(errors, rules) {
  const names = [errors.some(({ line }) => line) ? 'line' : 'record', 'field', 'reason'];
  const head = names.map((name) => element('th', { scope: 'col' }, t(`refusal.${name}`)));
  const table = element('table', { class: 'faults' },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...errors.map((error) => errorRow(error, rules))));
  return element('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': t('refusal.title') }, table);
}

function errorRow({ index, pointer, keyword, detail, line, column_name: column }, rules) {
  const said = hasText(`keyword.${keyword}`) ? [] : [element('span', { class: 'note said', lang: 'en' }, detail ?? '')];
  return element('tr', {},
    element('th', { scope: 'row', class: 'count' }, number(line ?? index + 1)),
    element('td', {}, ...(column ? [element('code', {}, column)] : place(pointer, rules))),
    element('td', {}, reasonText(keyword, schemaAt(rules?.schema, pointer)), ...said));
}

/** What people call it, and what it is called in the file. */
function place(pointer, rules) {
  if (!pointer) return [t('refusal.whole')];
  const label = labelAt(rules?.labels, pointer);
  const name = element('code', {}, pointerNames(pointer).join('.'));
  return label ? [label, ' ', element('span', { class: 'note' }, name)] : [name];
}

/** Which rule of the schema is broken, and what would be right. */
export function reasonText(keyword, schema) {
  const reason = hasText(`keyword.${keyword}`) ? t(`keyword.${keyword}`) : t('keyword.other', { keyword });
  const right = expectation(keyword, schema);
  return right ? t('keyword.and_right', { reason, right }) : reason;
}
