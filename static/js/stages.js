// Follows an accepted upload: stored, cached, then its keys until they expire. Asks quickly at first and
// slower later, not at all in a hidden tab, and not for ever.

import { fetchBatch, fetchOutcome, fetchRecord, isStored } from './api.js';
import { isForbidden } from './http.js';
import { sumUp } from './outcome.js';
import { pause, whenVisible } from './timing.js';

const kFirstPauseMs = 150;
const kMaxPauseMs = 2_000;
const kSlowAfterMs = 10_000;
const kGiveUpAfterMs = 5 * 60_000;
const kUnknown = 'unknown'; // the service does not know the upload, or what became of it

/** Reports `{done, total, state}`, state being watching, slow, unreachable, locked, stopped or done. */
export const followStored = (receipt, report, signal) => follow(receipt.links.objects, isStored, report, signal);

/**
 * The same, and `{…, state: 'parked', reason}` when a part of it was put aside, or `{…, state, outcome}` (outcome.js)
 * when not all of its records were applied.
 */
export async function followCached(receipt, report, signal) {
  const outcome = await followOutcome(receipt.statuses ?? [], report, signal);
  if (outcome) report(outcome);
  else await followBatches(receipt, report, signal);
}

/** What to report at last; null if the batches have to tell: the service does not, or only they know why. */
async function followOutcome(statuses, report, signal) {
  const total = statuses.length;
  const answers = [];
  for (const { href, before } of statuses) {
    const place = { done: answers.length, total };
    report({ ...place, state: 'watching' });
    const answer = await poll(() => outcomeOf(href), (state) => report({ ...place, state }), signal);
    if (!answer) return { ...place, state: 'stopped' };
    if (answer === kUnknown) return null;
    answers.push({ ...answer, before });
  }
  const outcome = sumUp(answers);
  return total === 0 || outcome.state === 'parked' ? null : { done: total, total, state: outcome.state, outcome };
}

async function outcomeOf(href) {
  const outcome = await fetchOutcome(href);
  if (outcome === null) return kUnknown;
  return outcome.state !== 'pending' && outcome;
}

const followBatches = ({ links, uploads }, report, signal) =>
  follow(links.batches, (link) => cachedOrParked(link, uploads), report, signal);

/** True, false, or why. A batch has parts of others' uploads, too. */
async function cachedOrParked(link, uploads) {
  const { state, parked = [] } = await fetchBatch(link);
  const own = parked.find(({ upload }) => uploads?.includes(upload) ?? true);
  return own ? own.reason : state !== 'pending';
}

/** `isDone` answers true, false, or with a reason why it never will be. */
async function follow(links, isDone, report, signal) {
  const total = links.length;
  for (let done = 0; done < total; done++) {
    report({ done, total, state: 'watching' });
    const ask = () => isDone(links[done]);
    const arrived = await poll(ask, (state) => report({ done, total, state }), signal);
    if (!arrived) return report({ done, total, state: 'stopped' });
    if (arrived !== true) return report({ done, total, state: 'parked', reason: arrived });
  }
  report({ done: total, total, state: 'done' });
}

/** What `ask` says once that is not false, false when the time is over. Time in a hidden tab does not count. */
async function poll(ask, report, signal) {
  let wait = kFirstPauseMs;
  for (let waited = 0; waited < kGiveUpAfterMs; wait = Math.min(kMaxPauseMs, wait * 1.4)) {
    await whenVisible();
    signal.throwIfAborted();
    const start = performance.now();
    try {
      const said = await ask();
      if (said) return said;
      if (waited > kSlowAfterMs) report('slow');
    } catch (problem) {
      report(isForbidden(problem) ? 'locked' : 'unreachable');
    }
    await pause(wait, signal);
    waited += performance.now() - start;
  }
  return false;
}

/**
 * Reports `{state: 'live', record, expiresAt}` while the cache holds the key, at last `{state: 'expired'}`;
 * only `{state: 'kept', record}` for a key without an end, `{state: 'locked'}` if it is not for us to see.
 */
export async function followKey(kind, key, report, signal) {
  for (;;) {
    await whenVisible();
    signal.throwIfAborted();
    const wait = await lookUp(kind, key, report);
    if (wait === null) return;
    await pause(wait, signal);
  }
}

/** The milliseconds until it is worth looking again; null when the key is gone. */
async function lookUp(kind, key, report) {
  try {
    const found = await fetchRecord(kind, key);
    if (!found) {
      report({ state: 'expired' });
      return null;
    }
    if (!found.ttl_seconds) {
      report({ state: 'kept', record: found.record });
      return null;
    }
    const left = Math.max(1, found.ttl_seconds) * 1000;
    report({ state: 'live', record: found.record, expiresAt: Date.now() + left });
    return left;
  } catch (problem) {
    if (!isForbidden(problem)) return kMaxPauseMs;
    report({ state: 'locked' });
    return null;
  }
}
