// What can be done to a row, by whoever may: change it, delete it, or upload another record about it.

import { changeRecord, createRecord, removeRecord } from '../changes.js';
import { element } from '../dom.js';
import { t, titleOf } from '../i18n.js';
import { allows, isAdmin, mayChangeOwn, mayCreate } from '../people/rights.js';
import { caller } from '../people/session.js';
import { SureButton } from '../sure_button.js';
import { filledIn } from './query.js';

/**
 * `[{name, title, kind, isDangerous, when, run(row, key)}]` of a table's `row`, those that the caller may do. `run` resolves
 * as Outcome.watch wants it.
 */
export function actionsOf(row, kind, context) {
  const uploads = (row.actions ?? []).map((action, index) => uploadOf(action, index, context));
  const mayChange = mayChangeOwn(kind, caller());
  return [
    ...(row.edit && mayChange ? [editOf(row, kind, context)] : []),
    ...uploads.filter((action) => action !== null),
    ...(row.delete && mayChange ? [deletionOf(row, kind)] : []),
  ];
}

/** Whether the row is as the action wants it. */
export const isOffered = ({ when = {} }, row) => Object.entries(when).every(([member, value]) => [value].flat().includes(row[member]));

/** A button that says what it does, and to which row to those who do not see where it stands. */
export function labelledButton({ title, isDangerous }, name, onPress) {
  const label = t('row.action', { action: title, row: name });
  if (isDangerous) {
    const sure = { sureTitle: t('row.sure'), sureLabel: t('row.sure_of', { row: name }) };
    return new SureButton({ title, label, ...sure }, onPress).node;
  }
  return element('button', { 'type': 'button', 'class': 'button small', 'aria-label': label, 'onclick': onPress }, title);
}

function editOf({ edit, when }, kind, context) {
  const title = t('row.edit');
  const change = (row, key) => context.ask({
    title: `${title}: ${titleOf(kind.title)}`, kind, only: edit === true ? null : edit, except: [kind.key], known: row, key,
    send: (changes) => changeRecord(kind, key, changes, { isAdmin: isAdmin(caller()), known: row }),
  });
  return { name: 'edit', title, kind, when, run: change };
}

const deletionOf = ({ when }, kind) =>
  ({ name: 'delete', title: t('row.delete'), kind, when, isDangerous: true, run: (row, key) => removeRecord(kind, key) });

function uploadOf({ upload, with: constants, title, ask, who, when }, index, context) {
  const kind = context.kinds.find(({ name }) => name === upload);
  if (!kind || !mayCreate(kind, caller()) || (who && !allows([who].flat(), context.kind, caller()))) return null;
  const send = (row, more) => createRecord(kind, { ...filledIn(constants, row), ...more });
  const run = ask
    ? (row) => context.ask({ title: titleOf(title), kind, only: ask, send: (asked) => send(row, asked) })
    : (row) => send(row, {});
  return { name: `${upload}-${index}`, title: titleOf(title) || titleOf(kind.title), kind, when, run };
}
