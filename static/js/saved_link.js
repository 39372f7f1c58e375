// Links to what not everybody may see. The browser alone would not say who follows them: what they lead to is fetched
// and saved.

import { fetchBlob } from './api.js';
import { announce, element, icon } from './dom.js';
import { t } from './i18n.js';
import { caller } from './people/session.js';

/** A link to a stored object: of an open kind it opens. */
export function objectLink(href, isGuarded, text) {
  if (!isGuarded) return element('a', { href, target: '_blank', rel: 'noopener' }, text, icon('external'));
  return savedLink({ href, download: href.replace(/\?.*/, '').split('/').at(-1) }, text, icon('external'));
}

/** A link that saves what it leads to under the name `download`. */
export function savedLink(attributes, ...children) {
  return element('a', { ...attributes, onclick: (event) => saveAsCaller(event, attributes) }, ...children);
}

export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  element('a', { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

async function saveAsCaller(event, { href, download }) {
  if (!caller()) return; // the browser does
  event.preventDefault();
  try {
    saveBlob(await fetchBlob(href), download);
  } catch {
    announce(t('save.failed'));
  }
}
