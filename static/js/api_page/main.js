// The API's document for people: a section for what is the same for all kinds, and one for each kind.

import { byId, element, setText } from '../dom.js';
import { request } from '../http.js';
import { onLanguageChange, setLanguage, t, titleOf, translateDocument } from '../i18n.js';
import { operationCard } from './operation.js';
import { resolved } from './schema.js';

const kMethods = ['get', 'post', 'put', 'delete'];
const kDocument = '/openapi.json';

let shown = null;

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(button.dataset.language));
}
onLanguageChange(show);
translateDocument();
document.documentElement.dataset.ready = '';
show();
load();

async function load() {
  try {
    shown = await (await request('GET', kDocument)).json();
    byId('main').dataset.state = 'ready';
  } catch {
    byId('main').dataset.state = 'unreachable';
  }
  show();
}

function show() {
  const { state } = byId('main').dataset;
  setText(byId('api-state'), state === 'ready' ? '' : t(`api.${state}`));
  if (shown) byId('api-sections').replaceChildren(link(), ...sections(shown));
}

const link = () => element('p', { class: 'note' }, element('a', { href: kDocument }, t('api.document')));

/** Kinds first: they are what people come for. */
function sections(api) {
  const operations = operationsOf(api);
  const titled = api.tags.map((tag) => ({ ...tag, own: operations.filter(({ operation }) => operation.tags?.[0] === tag.name) }));
  const kinds = titled.filter((tag) => tag['x-title'] && tag.own.length);
  const general = titled.filter((tag) => !tag['x-title'] && tag.own.length);
  return [
    ...kinds.map((tag) => section(titleOf(tag['x-title']), api, tag.own)),
    section(t('api.general'), api, general.flatMap((tag) => tag.own)),
  ];
}

const section = (title, api, operations) => element('section', { class: 'card', 'aria-label': title },
  element('h2', {}, title), ...operations.map((one) => operationCard(api, one)));

function operationsOf(api) {
  return Object.entries(api.paths).flatMap(([path, item]) => kMethods.filter((method) => item[method]).map((method) => ({
    path,
    method: method.toUpperCase(),
    operation: item[method],
    parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((one) => resolved(api, one)),
  })));
}
