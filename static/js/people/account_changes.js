// Changes of accounts: each is a record like any other, accepted first and applied then.

import { deleteRecord, fetchOutcome, postRecord, putRecord } from '../api.js';
import { pause } from '../timing.js';
import { newUuidV7 } from '../uuid.js';
import { Refusal } from './words.js';

const kAsks = 6;
const kPauseMs = 500;

/** A new account; `id` is the same when the same is sent again. Resolves when it is there, as far as the service says. */
export const createAccount = async (kind, record, id = newUuidV7()) => settle(await postRecord(kind.name, record, id));

/** Replaces members of an account: of `record`, what the cache keeps of it, the rest stays as it is. */
export async function changeAccount(kind, { key, login, roles, record }, changes, isAdmin) {
  const { account, stamps = [] } = kind;
  const ofRoles = account.roles ? { [account.roles]: roles } : {};
  const whole = { [kind.key]: key, [account.login]: login, ...ofRoles, ...record, ...changes };
  const notOurs = isAdmin ? [] : [...stamps, account.roles];
  for (const name of notOurs) delete whole[name];
  await settle(await putRecord(kind.name, key, whole));
}

export const removeAccount = async (kind, key) => settle(await deleteRecord(kind.name, key));

/** Until it is applied; rejects with a Refusal when it never will be. An answer that cannot be had is no refusal. */
async function settle({ status }) {
  for (let asks = 0; status && asks < kAsks; asks++) {
    const outcome = await fetchOutcome(status);
    if (outcome === null) return;
    if (outcome.state === 'applied') return;
    if (outcome.state !== 'pending') throw new Refusal(outcome.records?.[0] ?? { outcome: outcome.state });
    await pause(kPauseMs);
  }
}
