// A table's rows as a file for a spreadsheet.

import { fetchTables } from '../api.js';
import { announce, element } from '../dom.js';
import { t } from '../i18n.js';
import { saveBlob } from '../saved_link.js';
import { addressOf } from './query.js';

export function csvButton(panel) {
  const label = element('span', { 'class': 'visually-hidden', 'data-text': 'csv.save' }, t('csv.save'));
  const button = element('button', { type: 'button', class: 'button small plain', onclick: () => save(panel, button) }, 'CSV', label);
  return button;
}

async function save({ view, given }, button) {
  button.disabled = true;
  try {
    const limit = view.parameters.find(({ name }) => name === 'limit')?.max;
    const path = addressOf(view.href, { ...given, cursor: '', ...(limit && { limit }) });
    const tables = await fetchTables(path);
    tables.forEach((table, index) => saveBlob(table, index === 0 ? `${view.name}.csv` : `${view.name}-${index + 1}.csv`));
  } catch {
    announce(t('save.failed'));
  } finally {
    button.disabled = false;
  }
}
