// A change of a record: accepted first, and applied then, or not. Whoever asked for it is told what it was.

import { deleteRecord, fetchOutcome, fetchRecord, postRecord, putRecord } from './api.js';
import { isForbidden } from './http.js';
import { pause } from './timing.js';
import { newUuidV7 } from './uuid.js';

const kAsks = 6;
const kPauseMs = 500;

/** A change that was accepted and then not applied; `record` as in an outcome (outcome.js). */
export class Refusal extends Error {
  constructor(record) {
    super(record.reason);
    this.record = record;
  }
}

/**
 * A new record; `id` is the same when the same is sent again. These resolve to true once it is applied, to false where
 * the service does not say, and reject with a Refusal when it never will be.
 */
export const createRecord = async (kind, record, id = newUuidV7()) => settle(await postRecord(kind.name, record, id));
export const replaceRecord = async (kind, key, record) => settle(await putRecord(kind.name, key, record));
export const removeRecord = async (kind, key) => settle(await deleteRecord(kind.name, key));

/** Members of a record are other ones, undefined for those that go; the rest stays as the cache has it. */
export async function changeRecord(kind, key, changes, { isAdmin, known = {} }) {
  const found = await fetchRecord(kind.name, key);
  const whole = { [kind.key]: key, ...(found ? found.record : known), ...changes };
  if (!isAdmin) for (const name of kind.stamps ?? []) delete whole[name];
  return replaceRecord(kind, key, whole);
}

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
