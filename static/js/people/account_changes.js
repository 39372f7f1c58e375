// A change of an account.

import { replaceRecord } from '../changes.js';

/** Replaces members of an account: of `record`, what the cache keeps of it, the rest stays as it is. */
export async function changeAccount(kind, { key, login, roles, record }, changes, isAdmin) {
  const { account, stamps = [] } = kind;
  const ofRoles = account.roles ? { [account.roles]: roles } : {};
  const whole = { [kind.key]: key, [account.login]: login, ...ofRoles, ...record, ...changes };
  const notOurs = isAdmin ? [] : [...stamps, account.roles];
  for (const name of notOurs) delete whole[name];
  await replaceRecord(kind, key, whole);
}
