// One upload of this session, from the press of the button to the expiry of its keys. No document:
// whoever shows it is told of every change.

import { ApiProblem } from './api.js';
import { isWorthRepeating, sendUpload } from './upload.js';
import { followCached, followKey, followStored } from './stages.js';
import { contentHeaders } from './source.js';
import { newUuidV7 } from './uuid.js';

export class Upload {
  /** `facts`: `{kind, source, summary}` of a new upload, or what `remembered()` gave for an old one. */
  constructor(facts, onChange) {
    const { kind, source, summary } = facts;
    this.onChange = () => onChange(this);
    this.source = source ?? null;
    this.facts = facts.id ? facts : {
      id: newUuidV7(),
      kind: kind.name,
      ttl: kind.ttl_seconds,
      name: source.file.name,
      size: source.file.size,
      records: summary.count,
      keys: summary.keys,
      keyCount: summary.keyCount,
      startedAt: Date.now(),
      receipt: null,
    };
    this.phase = this.facts.receipt ? 'accepted' : 'sending'; // waiting, refused, failed, cancelled
    this.sent = 0;
    this.waiting = null;
    this.problem = null;
    this.stored = { done: 0, total: 0, state: 'todo' };
    this.cached = { done: 0, total: 0, state: 'todo' };
    this.keys = new Map(this.facts.keys.map((key) => [key, { state: 'todo' }]));
    this.life = new AbortController();
  }

  /** What is worth keeping over a reload of the page; null for what was not accepted. */
  remembered() {
    return this.facts.receipt ? this.facts : null;
  }

  get onItsWay() {
    return this.phase === 'sending' || this.phase === 'waiting';
  }

  async send() {
    this.change({ phase: 'sending', sent: 0, problem: null, waiting: null });
    try {
      this.facts.receipt = await this.sendWithKey();
      this.change({ phase: 'accepted', sent: this.facts.size });
    } catch (error) {
      this.change(this.afterError(error));
      return;
    }
    await this.follow();
  }

  sendWithKey() {
    const { id, kind } = this.facts;
    const headers = { ...contentHeaders(this.source), 'Idempotency-Key': id };
    const events = {
      progress: (sent) => this.change({ phase: 'sending', sent }),
      waiting: (waiting) => this.change({ phase: 'waiting', waiting }),
    };
    return sendUpload({ kind, file: this.source.file, headers }, events, this.life.signal);
  }

  afterError(error) {
    if (this.life.signal.aborted) return { phase: 'cancelled' };
    if (!(error instanceof ApiProblem)) throw error;
    return { phase: isWorthRepeating(error) ? 'failed' : 'refused', problem: error };
  }

  cancel() {
    this.life.abort();
  }

  /** Sends again what failed or was cancelled, with the same key: it cannot become two uploads. */
  sendAgain() {
    this.life = new AbortController();
    return this.send();
  }

  /** Follows the accepted upload through what is not done yet: at first, and again after giving up. */
  async follow() {
    const { signal } = this.life;
    try {
      await Promise.all([this.followObjects(signal), this.followCache(signal)]);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async followObjects(signal) {
    if (this.stored.state === 'done') return;
    await followStored(this.facts.receipt, (stored) => this.change({ stored }), signal);
  }

  async followCache(signal) {
    if (this.cached.state === 'done') return;
    await followCached(this.facts.receipt, (cached) => this.change({ cached }), signal);
    if (this.cached.state === 'done') await this.followKeys(signal);
  }

  followKeys(signal) {
    const follow = (key) => followKey(this.facts.kind, key, (state) => {
      this.keys.set(key, state);
      this.onChange();
    }, signal);
    return Promise.all(this.facts.keys.map(follow));
  }

  change(fields) {
    Object.assign(this, fields);
    this.onChange();
  }
}
