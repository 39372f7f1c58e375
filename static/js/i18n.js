// The page's language: the browser's, or the one chosen here before. Words are in texts/.

import { en } from './texts/en.js';
import { pt } from './texts/pt.js';

const kLanguages = { pt: { locale: 'pt-BR', texts: pt }, en: { locale: 'en', texts: en } };
const kStoredAs = 'comporta.language';

let language = storedLanguage() ?? browserLanguage();
const listeners = [];

export const onLanguageChange = (listener) => listeners.push(listener);

export function setLanguage(chosen) {
  language = chosen;
  try {
    localStorage.setItem(kStoredAs, chosen);
  } catch {
    // Storage may be refused; the choice then lasts as long as the page.
  }
  translateDocument();
  for (const listener of listeners) listener();
}

/** The text of that name, with `{parameters}` put in. A name without a text is a mistake of ours. */
export function t(name, parameters = {}) {
  const text = kLanguages[language].texts[name];
  if (text === undefined) throw new Error(`no text "${name}" in ${language}`);
  return text.replace(/\{(\w+)\}/g, (_, key) => String(parameters[key]));
}

export const hasText = (name) => name in kLanguages[language].texts;

/** `name.one` or `name.other`, as the language counts. */
export function counted(name, count, parameters = {}) {
  const form = new Intl.PluralRules(locale()).select(count) === 'one' ? 'one' : 'other';
  return t(`${name}.${form}`, { ...parameters, count: number(count) });
}

/** The one of `{pt, en}` to show. */
export const titleOf = (titles) => titles?.[language] ?? titles?.en ?? '';

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);

/** With two digits behind the comma. */
export const decimal = (value) =>
  new Intl.NumberFormat(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

/** Of a fraction: 0.125 is 12.5%. */
export const percent = (fraction) =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).format(fraction);

export function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  for (; count >= 1024 && unit < units.length - 1; unit++) count /= 1024;
  return `${number(count, 1)} ${units[unit]}`;
}

/** Of an amount in cents. */
export const money = (cents) => amount(cents, {});
export const shortMoney = (cents) => amount(cents, { notation: 'compact', maximumFractionDigits: 1 });

function amount(cents, options) {
  return new Intl.NumberFormat(locale(), { style: 'currency', currency: 'BRL', ...options }).format(cents / 100);
}

/** `8 s`, `5 min`, `2 h`: rounded up, for what is left of it. */
export function duration(seconds) {
  const unit = seconds < 120 ? [1, 's'] : seconds < 7200 ? [60, 'min'] : [3600, 'h'];
  return `${number(Math.ceil(seconds / unit[0]))}\u00a0${unit[1]}`;
}

/** Of a date such as 2026-03-11, which is a day wherever it is: its day and month, and its year if it is asked for. */
export function day(date, withYear = false) {
  const parts = { day: 'numeric', month: 'short', ...(withYear && { year: 'numeric' }) };
  return new Intl.DateTimeFormat(locale(), { ...parts, timeZone: 'UTC' }).format(Date.parse(date));
}

export const clockTime = (milliseconds) =>
  new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(milliseconds);

export const dateTime = (milliseconds) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(milliseconds);

/** Puts the words into the elements of index.html that name theirs. */
export function translateDocument() {
  document.documentElement.lang = locale();
  document.querySelector('meta[name=description]').content = t('tagline');
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll('[data-label]')) {
    node.setAttribute('aria-label', t(node.dataset.label));
  }
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language));
  }
}

function locale() {
  return kLanguages[language].locale;
}

function storedLanguage() {
  try {
    const stored = localStorage.getItem(kStoredAs);
    return Object.hasOwn(kLanguages, stored) ? stored : null;
  } catch {
    return null;
  }
}

function browserLanguage() {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => Object.hasOwn(kLanguages, tag)) ?? 'en';
}
