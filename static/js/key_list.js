// The keys of an upload in the cache, with their time running down.

import { element, setText } from './dom.js';
import { number, t } from './i18n.js';

const kShownFields = 3;

export class KeyList {
  constructor(upload) {
    this.upload = upload;
    this.title = element('h3', {});
    this.rows = new Map(upload.facts.keys.map((key) => [key, keyRow(key, upload.facts.ttl)]));
    const list = element('ul', {}, ...[...this.rows.values()].map(({ node }) => node));
    this.node = element('section', { class: 'keys', hidden: this.rows.size === 0 }, this.title, list);
  }

  update() {
    const { keys, keyCount } = this.upload.facts;
    const some = { shown: number(keys.length), count: number(keyCount) };
    setText(this.title, keys.length < keyCount ? t('ttl.some', some) : t('ttl.title'));
    for (const [key, row] of this.rows) updateRow(row, this.upload.keys.get(key), this.upload.facts.ttl);
  }
}

function keyRow(key, ttl) {
  const row = {
    fields: element('span', { class: 'note fields' }),
    left: element('span', { class: 'left' }),
    bar: element('progress', { max: ttl || 1, value: 0, 'aria-hidden': 'true' }),
  };
  row.node = element('li', { 'data-state': 'todo' },
    element('code', { class: 'key', title: key }, key), row.left, row.bar, row.fields);
  return row;
}

function updateRow({ node, fields, left, bar }, { state, record, expiresAt }, ttl) {
  const seconds = state === 'live' ? Math.max(0, Math.ceil((expiresAt - Date.now()) / 1000)) : 0;
  node.dataset.state = state;
  setText(left, leftText(state, seconds, ttl));
  bar.value = state === 'kept' ? bar.max : seconds;
  if (record) setText(fields, fieldsText(record));
}

/** A key that never expires may still not be there: its record waits for another, or was deleted. */
function leftText(state, seconds, ttl) {
  if (state === 'todo') return t('ttl.waiting');
  if (state === 'expired' && ttl === 0) return t('ttl.absent');
  return state === 'live' ? t('ttl.left', { seconds: number(seconds) }) : t(`ttl.${state}`);
}

function fieldsText(record) {
  const texts = Object.values(record).filter((value) => typeof value === 'string' || typeof value === 'number');
  return texts.slice(0, kShownFields).join(' · ');
}
