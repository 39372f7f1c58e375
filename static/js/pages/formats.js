// A value of an answer as a page shows it: the formats that page.yaml may name.

import { element } from '../dom.js';
import { dateTime, day, decimal, hasText, money, number, percent, shortMoney, t, titleOf } from '../i18n.js';

const kNumeric = ['number', 'money', 'decimal', 'percent', 'percents', 'thousands', 'minutes'];
const kFormats = {
  number: (value) => number(value, 6),
  money,
  decimal,
  percent,
  percents: (value) => percent(value / 100),
  thousands: (value) => number(1000 * value),
  minutes: (value) => `${number(value)}\u00a0min`,
  date: (value) => day(String(value).slice(0, 10), true),
  time: (value) => dateTime(Date.parse(value)),
  cpf: (value) => String(value).replace(/^(\d{3})(\d{3})(\d{3})(\d{2})$/, '$1.$2.$3-$4'),
};

/** Whether such values stand under each other by their digits. */
export const isNumeric = (as) => kNumeric.includes(as);

/** How a cell with such values looks. */
export function classOf(as) {
  if (isNumeric(as)) return 'count';
  return ['date', 'time', 'cpf'].includes(as) ? 'whole' : null;
}

/** The value in the page's language; `words` has those that stand for some values. */
export function textOf(value, { as = 'text', words } = {}) {
  if (value === undefined || value === null || value === '') return '–';
  if (words?.[value]) return titleOf(words[value]);
  if (!kFormats[as] || !fits(as, value)) return plainText(value);
  return kFormats[as](value);
}

/** On the axis of a chart, where there is less room. */
export const shortTextOf = (value, { as }) => (as === 'money' ? shortMoney(value) : textOf(value, { as }));

/** A number that is none, or a time that no calendar has, is shown as it came. */
function fits(as, value) {
  if (isNumeric(as)) return typeof value === 'number';
  return as === 'cpf' || !Number.isNaN(Date.parse(value));
}

function plainText(value) {
  if (typeof value === 'boolean') return t(value ? 'format.yes' : 'format.no');
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The same, as what goes into a cell: a badge has a colour, a link leads somewhere. */
export function nodeOf(value, { as, words, tones } = {}) {
  const text = textOf(value, { as, words });
  if (text === '–') return text;
  if (as === 'badge') return element('span', { 'class': 'tone', 'data-tone': tones?.[value] ?? 'plain' }, text);
  if (as === 'link' && leadsSomewhere(value)) return element('a', { href: value, target: '_blank', rel: 'noopener' }, text);
  return text;
}

/** To a page: a record may say anything. */
const leadsSomewhere = (value) => /^(https?:\/\/|\/(?!\/))/.test(value);

/** A note's `{member}` and `{member:format}` stand for members of the answer. */
export const noteText = (note, data) => titleOf(note).replace(/\{([\w-]+)(?::(\w+))?\}/g, (_, member, as) =>
  textOf(data?.[member], { as: as ?? (typeof data?.[member] === 'number' ? 'number' : 'text') }));

/** What the kind calls a member, in a page. */
export const memberTitle = (kind, member) =>
  titleOf(kind?.labels?.[member]) || (hasText(`member.${member}`) ? t(`member.${member}`) : member);
