// Sends one upload until it is accepted or refused. Every attempt carries the same key, so that repeating
// after an answer that got lost never doubles a record.

import { postRecords } from './api.js';
import { ApiProblem } from './http.js';
import { pauseUntilOnline } from './timing.js';

export const kMaxAttempts = 6;
const kMaxDelayMs = 30_000;
const kWorthRepeating = new Set([0, 429, 502, 503, 504]);

/**
 * Resolves to the receipt; rejects with the last ApiProblem, or the signal's reason.
 * `events`: `progress(bytes)`, and `waiting({attempt, until, status})` before each repetition, with the
 * number of the attempt to come and its time.
 */
export async function sendUpload(upload, events, signal) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await postRecords(upload, { onProgress: events.progress, signal });
    } catch (problem) {
      if (!isWorthRepeating(problem) || attempt === kMaxAttempts) throw problem;
      const delay = delayBefore(attempt + 1, problem.retryAfterMs);
      events.waiting({ attempt: attempt + 1, until: Date.now() + delay, status: problem.status });
      await pauseUntilOnline(delay, signal);
      events.progress(0);
    }
  }
}

export const isWorthRepeating = (problem) =>
  problem instanceof ApiProblem && kWorthRepeating.has(problem.status);

/** 1, 2, 4, 8, 16 s with up to a quarter more, or what the service asked for if that is longer. */
function delayBefore(attempt, retryAfterMs) {
  const own = 1000 * 2 ** (attempt - 2) * (1 + Math.random() / 4);
  return Math.min(kMaxDelayMs, Math.max(own, retryAfterMs ?? 0));
}
