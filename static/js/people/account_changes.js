// Changes of accounts: each is a record like any other, accepted first and applied then.

import { deleteRecord, fetchOutcome, postRecord, putRecord } from '../api.js';
import { isForbidden } from '../http.js';
import { pause } from '../timing.js';
import { newUuidV7 } from '../uuid.js';
import { Refusal } from './words.js';

const kAsks = 6;
const kPauseMs = 500;

/** A new account; `id` is the same when the same is sent again. Resolves to whether the service says that it is there. */
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

/** True once it is applied, false where nobody says; rejects with a Refusal when it never will be. */
async function settle({ status }) {
  for (let asks = 0; status && asks < kAsks; asks++) {
    const outcome = await outcomeOf(status);
    if (outcome === null) return false;
    if (outcome.state === 'applied') return true;
    if (outcome.state !== 'pending') throw new Refusal(outcome.records?.[0] ?? { outcome: outcome.state });
    await pause(kPauseMs);
  }
  return false;
}

/** Null where the service cannot say, or says so only to those who have logged in. */
async function outcomeOf(status) {
  try {
    return await fetchOutcome(status);
  } catch (problem) {
    if (isForbidden(problem)) return null;
    throw problem;
  }
}
