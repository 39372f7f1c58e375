// Asks for one address again and again, not at all in a hidden tab, and says when the answer is another one.

import { readChanged } from '../api.js';
import { isForbidden } from '../http.js';
import { pauseForCaller, pauseUntilOnline, whenVisible } from '../timing.js';

const kMaxPauseMs = 15_000;
const kStates = { 400: 'refused', 401: 'locked', 403: 'locked', 404: 'absent', 422: 'refused' };
const kFinal = Object.values(kStates);

export class Poll {
  /**
   * `onChange({state, data, problem})` after each change; state is loading (nothing known yet), ready, unreachable
   * (data is what was known before, or null), absent (there is no such thing), locked (it takes somebody else to ask) or
   * refused (what was asked is not right, the problem says why).
   * Of the last three no more is asked until somebody logs in or out. What is `guarded` is forgotten then. Aborting the
   * signal ends it.
   */
  constructor(path, everyMs, onChange, { guarded = false, signal } = {}) {
    this.path = path;
    this.everyMs = everyMs;
    this.onChange = onChange;
    this.signal = signal;
    this.state = 'loading';
    this.data = null;
    this.etag = null;
    this.problem = null;
    this.round = 0;
    window.addEventListener('caller', () => this.startOver(guarded), { signal });
    this.run().catch((reason) => {
      if (!signal?.aborted) throw reason;
    });
  }

  async run() {
    for (let failures = 0; ;) {
      await whenVisible();
      this.signal?.throwIfAborted();
      failures = await this.ask() ? 0 : failures + 1;
      if (this.state === 'loading') continue; // somebody else asks now
      if (kFinal.includes(this.state)) await pauseForCaller(this.signal);
      else await pauseUntilOnline(Math.min(kMaxPauseMs, this.everyMs * 2 ** failures), this.signal);
    }
  }

  /** Asks at once: there is reason to think that the answer is another one. What is under way does not count. */
  again() {
    this.round++;
    return this.ask();
  }

  /** Whether there was an answer. What was asked before somebody else logged in does not count. */
  async ask() {
    const { round } = this;
    try {
      const changed = await readChanged(this.path, this.etag);
      if (round !== this.round) return true;
      if (changed) Object.assign(this, changed);
      this.tell('ready', changed !== null);
      return true;
    } catch (problem) {
      if (round === this.round) this.fail(problem);
      return false;
    }
  }

  fail(problem) {
    if (isForbidden(problem)) Object.assign(this, { data: null, etag: null });
    this.problem = problem;
    this.tell(kStates[problem.status] ?? 'unreachable', false);
  }

  startOver(guarded) {
    this.round++;
    if (!guarded) return;
    Object.assign(this, { data: null, etag: null });
    this.tell('loading', true);
  }

  tell(state, changed) {
    if (this.signal?.aborted || (state === this.state && !changed)) return;
    this.state = state;
    this.onChange(this);
  }
}
