// One text that somebody typed, as the value that a schema asks for. The service checks it all again.

import { decimal } from '../i18n.js';

const kInteger = /^[+-]?\d+$/;
const kNumber = /^[+-]?\d+([.,]\d+)?$/;
const kMoney = /^(-?)(?:R\$)?(\d+|\d{1,3}(?:[.,]\d{3})+)(?:[.,](\d{1,2}))?$/;
const kDate = /^\d{4}-\d{2}-\d{2}$/;
const kEmail = /^[^\s@]+@[^\s@]+$/;

/** `{value}`, or `{keyword}`: the rule of the schema that the text breaks (`keyword.<it>` says it). */
export function readScalar(schema, text) {
  if (schema.enum) return readChoice(schema, text);
  if (isMoney(schema)) return readMoney(schema, text);
  if (schema.type === 'integer') return readNumber(schema, text, kInteger);
  if (schema.type === 'number') return readNumber(schema, text, kNumber);
  if (schema.format?.startsWith('date-time')) return readTime(text);
  return readText(schema, text);
}

function readChoice(schema, text) {
  const value = schema.enum.find((choice) => String(choice) === text);
  return value === undefined ? { keyword: 'enum' } : { value };
}

/** Whether it is an amount in cents, which nobody types as such. */
export const isMoney = (schema) => schema.shown?.as === 'money';

/** `1.234,56`, `1,234.56`, `1234,5`, `R$ 10`: what has one or two digits behind it at the end is the decimal sign. */
function readMoney(schema, text) {
  const amount = kMoney.exec(text.replace(/\s/g, ''));
  if (!amount) return { keyword: 'type' };
  const [, minus, whole, cents = ''] = amount;
  return within(schema, Number(minus + whole.replace(/[.,]/g, '') + cents.padEnd(2, '0')));
}

function readNumber(schema, text, form) {
  return form.test(text) ? within(schema, Number(text.replace(',', '.'))) : { keyword: 'type' };
}

function within(schema, value) {
  if (value < schema.minimum) return { keyword: 'minimum' };
  if (value > schema.maximum) return { keyword: 'maximum' };
  return { value };
}

/** What a datetime-local field holds, in the browser's time zone: with the offset of that moment. */
function readTime(text) {
  const minutes = -new Date(text).getTimezoneOffset();
  if (Number.isNaN(minutes)) return { keyword: 'format' };
  const two = (count) => String(Math.floor(Math.abs(count))).padStart(2, '0');
  const seconds = text.length === 16 ? ':00' : '';
  return { value: `${text}${seconds}${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}` };
}

function readText(schema, text) {
  const length = [...text].length;
  if (length < schema.minLength) return { keyword: 'minLength' };
  if (length > schema.maxLength) return { keyword: 'maxLength' };
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(text)) return { keyword: 'pattern' };
  if (schema.format === 'email' && !kEmail.test(text)) return { keyword: 'format' };
  if (schema.format === 'date' && !kDate.test(text)) return { keyword: 'format' };
  return { value: text };
}

/** A value as somebody would type it. */
export function typedText(schema, value) {
  if (value === undefined || value === null) return '';
  if (isMoney(schema)) return decimal(value / 100);
  if (schema.format?.startsWith('date-time')) return localTime(new Date(value));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The moment as a datetime-local field takes it. */
export function localTime(now = new Date()) {
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
