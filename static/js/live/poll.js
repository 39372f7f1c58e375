// Asks for one address again and again, not at all in a hidden tab, and says when the answer is another one.

import { readChanged } from '../api.js';
import { isForbidden } from '../http.js';
import { onCallerChange } from '../people/session.js';
import { pauseForCaller, pauseUntilOnline, whenVisible } from '../timing.js';

const kMaxPauseMs = 15_000;

export class Poll {
  /**
   * `onChange({state, data})` after each change; state is loading (nothing known yet), ready, unreachable
   * (data is what was known before, or null), absent (there is no such thing), or locked: it takes somebody else to ask.
   * Of the last two no more is asked until somebody logs in or out. What is `guarded` is forgotten then.
   */
  constructor(path, everyMs, onChange, { guarded = false } = {}) {
    this.path = path;
    this.everyMs = everyMs;
    this.onChange = onChange;
    this.state = 'loading';
    this.data = null;
    this.etag = null;
    this.round = 0;
    onCallerChange(() => this.startOver(guarded));
    this.run();
  }

  async run() {
    for (let failures = 0; ;) {
      await whenVisible();
      failures = await this.ask() ? 0 : failures + 1;
      if (this.state === 'loading') continue; // somebody else asks now
      if (this.state === 'absent' || this.state === 'locked') await pauseForCaller();
      else await pauseUntilOnline(Math.min(kMaxPauseMs, this.everyMs * 2 ** failures));
    }
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
    this.tell(isForbidden(problem) ? 'locked' : problem.status === 404 ? 'absent' : 'unreachable', false);
  }

  startOver(guarded) {
    this.round++;
    if (!guarded) return;
    Object.assign(this, { data: null, etag: null });
    this.tell('loading', true);
  }

  tell(state, changed) {
    if (state === this.state && !changed) return;
    this.state = state;
    this.onChange(this);
  }
}
