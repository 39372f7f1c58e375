// One operation of the document: a line that opens, and behind it all there is to know.

import { announce, element } from '../dom.js';
import { hasText, t, titleOf } from '../i18n.js';
import { curlOf } from './example.js';
import { inWords, membersOf, recordSchema, resolved } from './schema.js';

/** `described`: {method, path, operation, parameters}. */
export function operationCard(document, described) {
  const { method, path, operation } = described;
  const details = element('details', { class: 'operation' },
    element('summary', {},
      element('span', { class: `method ${method.toLowerCase()}` }, method),
      element('code', {}, path),
      element('span', { class: 'operation-title' }, titleOf(operation['x-title']))));
  // A document has many of them, of which few are ever opened.
  details.addEventListener('toggle', () => details.append(...inside(document, described)), { once: true });
  return details;
}

function inside(document, described) {
  const { operation, parameters } = described;
  return [
    operation['x-who'] && element('p', { class: 'note' }, t('api.who', { who: operation['x-who'].map(who).join(', ') })),
    operation.description && element('p', { lang: 'en' }, operation.description),
    ...example(curlOf(document, described)),
    ...(parameters.length ? table('api.parameters', parameters.map((one) => parameterRow(document, one))) : []),
    ...members(document, operation),
    ...table('api.answers', Object.entries(operation.responses).map(([status, answer]) =>
      [status, '', resolved(document, answer).description ?? '']), ['api.status', null, 'api.meaning']),
  ].filter(Boolean);
}

const who = (word) => (hasText(`api.${word}`) ? t(`api.${word}`) : word);
const needed = (isRequired) => t(isRequired ? 'api.required' : 'api.optional');

function parameterRow(document, parameter) {
  const schema = resolved(document, parameter.schema);
  return [parameter.name, `${inWords(schema)} · ${t(`api.${parameter.in}`)}, ${needed(parameter.required)}`,
    parameter.description ?? schema.description ?? ''];
}

function members(document, operation) {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  const rows = schema ? membersOf(document, recordSchema(document, schema)) : [];
  return rows.length ? table('api.members', rows.map(({ name, schema: member, isRequired }) =>
    [name, `${inWords(member)} · ${needed(isRequired)}`, member.description ?? member.title ?? ''])) : [];
}

/** A heading and three columns, of which one may be left out. */
function table(title, rows, heads = ['api.name', 'api.type', 'api.meaning']) {
  const shown = [0, 1, 2].filter((column) => heads[column]);
  const cell = (row, column) => (column === 0
    ? element('th', { scope: 'row' }, element('code', {}, row[0]))
    : element('td', { lang: column === 2 ? 'en' : null }, row[column]));
  return [
    element('h3', {}, t(title)),
    element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t(title) },
      element('table', {},
        element('thead', {}, element('tr', {}, ...shown.map((column) => element('th', { scope: 'col' }, t(heads[column]))))),
        element('tbody', {}, ...rows.map((row) => element('tr', {}, ...shown.map((column) => cell(row, column))))))),
  ];
}

function example(command) {
  const copy = element('button', { class: 'button small', type: 'button', onclick: () => copyText(command, copy) }, t('api.copy'));
  return [
    element('div', { class: 'example-head' }, element('h3', {}, t('api.example')), copy),
    element('pre', { tabindex: '0', role: 'region', 'aria-label': t('api.example') }, element('code', {}, command)),
  ];
}

async function copyText(text, button) {
  let said = 'api.copied';
  // Browsers give the clipboard to secure pages alone, and not always.
  await Promise.resolve().then(() => navigator.clipboard.writeText(text)).catch(() => { said = 'api.not_copied'; });
  button.textContent = t(said);
  announce(t(said));
}
