// One upload of this session, from the press of the button to the expiry of its keys. No document:
// whoever shows it is told of every change.

import { fetchSchema } from './api.js';
import { ApiProblem } from './http.js';
import { principal } from './people/session.js';
import { isWorthRepeating, sendUpload } from './upload.js';
import { followCached, followKey, followStored } from './stages.js';
import { contentHeaders } from './source.js';
import { newUuidV7 } from './uuid.js';

export class Upload {
  /**
   * `facts`: `{kind, source, summary, slices}` of a new upload, or what `remembered()` gave for an old one.
   * Each slice (content.js) is sent with a key of its own, one after the other. `askToLogIn(kind)` resolves to whether
   * somebody did, when the service asks who sends this.
   */
  constructor(facts, { onChange, askToLogIn }) {
    this.onChange = () => onChange(this);
    this.askToLogIn = askToLogIn;
    this.source = facts.source ?? null;
    this.blobs = facts.slices?.map(({ blob }) => blob) ?? [];
    this.kind = facts.ids ? null : facts.kind;
    this.facts = facts.ids ? facts : newFacts(facts);
    this.receipts = [];
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

  /** Records of the file that are in, whatever becomes of the rest. */
  get acceptedRecords() {
    return this.receipts.reduce((sum, receipt) => sum + receipt.records, 0);
  }

  /** Sends the slices that are not accepted yet. */
  async send() {
    this.change({ phase: 'sending', sent: this.confirmedBytes(), problem: null, waiting: null });
    try {
      while (this.receipts.length < this.blobs.length) this.receipts.push(await this.sendNext());
      this.facts.owner = principal();
      this.facts.receipt = joined(this.receipts);
      this.change({ phase: 'accepted', sent: this.facts.size });
    } catch (error) {
      if (error.status === 401 && await this.askToLogIn(this.kind)) return this.send();
      this.change(await this.afterError(error));
      return;
    }
    await this.follow();
  }

  sendNext() {
    const { ids, kind } = this.facts;
    const index = this.receipts.length;
    const headers = { ...contentHeaders(this.source), 'Idempotency-Key': ids[index] };
    const before = this.confirmedBytes();
    const events = {
      progress: (sent) => this.change({ phase: 'sending', sent: before + Math.min(sent, this.blobs[index].size) }),
      waiting: (waiting) => this.change({ phase: 'waiting', waiting }),
    };
    return sendUpload({ kind, file: this.blobs[index], headers }, events, this.life.signal);
  }

  confirmedBytes() {
    return this.blobs.slice(0, this.receipts.length).reduce((sum, blob) => sum + blob.size, 0);
  }

  async afterError(error) {
    if (this.life.signal.aborted) return { phase: 'cancelled' };
    if (!(error instanceof ApiProblem)) throw error;
    const problem = inWholeFile(error, this.acceptedRecords);
    if (problem.document.errors) problem.rules = await rulesOf(this.kind);
    return { phase: isWorthRepeating(error) ? 'failed' : 'refused', problem };
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
    if (this.cached.state === 'done' || this.cached.state === 'partly') await this.followKeys(signal);
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

function newFacts({ kind, source, summary, slices }) {
  return {
    ids: slices.map(() => newUuidV7()),
    kind: kind.name,
    isGuarded: kind.access !== undefined,
    ttl: kind.ttl_seconds,
    name: source.file.name,
    size: slices.reduce((sum, { blob }) => sum + blob.size, 0),
    records: summary.count,
    keys: summary.keys,
    keyCount: summary.keyCount,
    startedAt: Date.now(),
    receipt: null,
    owner: null,
  };
}

/** What the kind asks of its records; null if that cannot be had: then the faults are told with fewer words. */
async function rulesOf(kind) {
  try {
    return { labels: kind.labels, schema: await fetchSchema(kind) };
  } catch {
    return null;
  }
}

/** The receipts of all slices as one. */
function joined(receipts) {
  return {
    uploads: receipts.map(({ upload }) => upload),
    statuses: statusesOf(receipts),
    records: receipts.reduce((sum, { records }) => sum + records, 0),
    links: {
      batches: receipts.flatMap(({ links }) => links.batches),
      objects: receipts.flatMap(({ links }) => links.objects),
    },
  };
}

/** Where to ask what became of each slice; none if the service does not say that of all. */
function statusesOf(receipts) {
  if (receipts.some(({ status }) => !status)) return [];
  let before = 0;
  return receipts.map(({ status, records }) => {
    before += records;
    return { href: status, before: before - records };
  });
}

/** The service counts the records of a slice: here they are counted in the file. */
function inWholeFile(problem, recordsBefore) {
  const { errors } = problem.document;
  if (!Array.isArray(errors) || recordsBefore === 0) return problem;
  const moved = errors.map((error) => ({ ...error, index: error.index + recordsBefore }));
  return new ApiProblem(problem.status, { ...problem.document, errors: moved });
}
