// What a kind asks of a member, in words: the rules of its schema, and what its members are called.

import { hasText, money, number, t, titleOf } from './i18n.js';

/** The names in a JSON pointer (RFC 6901). */
export function pointerNames(pointer) {
  return pointer.split('/').slice(1).map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The part of a schema that is about what the pointer leads to; undefined if there is none. */
export const schemaAt = (schema, pointer) =>
  pointerNames(pointer).reduce((part, name) => part?.properties?.[name] ?? part?.items, schema);

/** What the kind calls the member; empty if it has no word for it. */
export function labelAt(labels, pointer) {
  const names = pointerNames(pointer);
  return titleOf(labels?.[names.length === 1 ? names[0] : pointer]);
}

/** What would be right, where `keyword` of the schema is broken; empty if that cannot be said. */
export function expectation(keyword, schema) {
  const limit = schema?.[keyword];
  if (limit === undefined) return '';
  switch (keyword) {
    case 'type':
    case 'format': return known(`right.${keyword}.${limit}`);
    case 'enum': return t('right.enum', { values: limit.map(String).join(', ') });
    case 'pattern': return digits(limit) || schema.description || '';
    default: return typeof limit === 'number' ? known(`right.${keyword}`, { limit: (schema.shown?.as === 'money' ? money : number)(limit) }) : '';
  }
}

/** A pattern of nothing but digits is one that can be said in both languages. */
function digits(pattern) {
  const counts = /^\^\[0-9\]\{(\d+),(\d+)\}\$$/.exec(pattern);
  return counts ? t('right.digits', { least: counts[1], most: counts[2] }) : '';
}

const known = (name, values) => (hasText(name) ? t(name, values) : '');
