// Asks for one address again and again, not at all in a hidden tab, and says when the answer is another one.

import { readChanged } from '../api.js';
import { pauseUntilOnline, whenVisible } from '../timing.js';

const kMaxPauseMs = 15_000;

export class Poll {
  /**
   * `onChange({state, data})` after each change; state is loading (nothing known yet), ready, unreachable
   * (data is what was known before, or null), or absent: there is no such thing, and no more is asked.
   */
  constructor(path, everyMs, onChange) {
    this.path = path;
    this.everyMs = everyMs;
    this.onChange = onChange;
    this.state = 'loading';
    this.data = null;
    this.etag = null;
    this.run();
  }

  async run() {
    for (let failures = 0; this.state !== 'absent';) {
      await whenVisible();
      failures = await this.ask() ? 0 : failures + 1;
      await pauseUntilOnline(Math.min(kMaxPauseMs, this.everyMs * 2 ** failures));
    }
  }

  /** Whether there was an answer. */
  async ask() {
    try {
      const changed = await readChanged(this.path, this.etag);
      if (changed) Object.assign(this, changed);
      this.tell('ready', changed !== null);
      return true;
    } catch (problem) {
      this.tell(problem.status === 404 ? 'absent' : 'unreachable', false);
      return false;
    }
  }

  tell(state, changed) {
    if (state === this.state && !changed) return;
    this.state = state;
    this.onChange(this);
  }
}
