// Several who want to know the same share one poll, which lasts as long as any of them.

import { Poll } from './poll.js';

export class Polls {
  constructor() {
    this.shared = new Map(); // by path: {poll, listeners, life}
  }

  /**
   * The poll of `path` (poll.js), whose changes `onChange` is told until the signal is aborted. What it knows already is
   * not told: it is there to be read.
   */
  listen(path, everyMs, onChange, { guarded = false, signal }) {
    const one = this.shared.get(path) ?? this.start(path, everyMs, guarded);
    one.listeners.add(onChange);
    signal.addEventListener('abort', () => this.leave(path, one, onChange), { once: true });
    return one.poll;
  }

  start(path, everyMs, guarded) {
    const one = { listeners: new Set(), life: new AbortController() };
    const tell = (poll) => { for (const listener of one.listeners) listener(poll); };
    one.poll = new Poll(path, everyMs, tell, { guarded, signal: one.life.signal });
    this.shared.set(path, one);
    return one;
  }

  leave(path, one, onChange) {
    one.listeners.delete(onChange);
    if (one.listeners.size > 0) return;
    one.life.abort();
    if (this.shared.get(path) === one) this.shared.delete(path);
  }
}
