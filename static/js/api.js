// Comporta's HTTP API, as the page uses it, asked as whoever is logged in. Every call resolves to what it asked for, or
// rejects with an ApiProblem; nothing else is thrown but the reason of an abort.

import { ApiProblem, jsonOf, parseBody, request, retryAfter } from './http.js';
import { learnReasons } from './outcome_view.js';
import { asCaller } from './people/session.js';

const kUploadTimeoutMs = 10 * 60_000;
const kHeldSeconds = 10;
const kHeldTimeoutMs = 20_000;
const kMaxHeld = 2;
const kMaxTablePages = 100;

let held = 0;

/** What anybody may know: kinds, their schemas and samples. */
export async function fetchKinds() {
  const { kinds } = await jsonOf(await request('GET', '/api/v1/kinds'));
  learnReasons(kinds);
  return kinds;
}

export const fetchSchema = async (kind) => jsonOf(await request('GET', kind.schema));

export async function fetchSample(sample) {
  const response = await request('GET', sample.href);
  return new File([await response.blob()], sample.file);
}

/** What was compared when that record's key was flagged. */
export const fetchReport = (kind, key) =>
  readJson(`/api/v1/views/${encodeURIComponent(kind)}/report?key=${encodeURIComponent(key)}`);

/** What would be taken of a file, and as what it is understood: `{records, columns, first}`. */
export const tryRecords = async (kind, file, headers) => jsonOf(await asCaller((caller) =>
  request('POST', `/api/v1/records/${encodeURIComponent(kind)}?dry_run=true`, {
    headers: { ...headers, ...caller }, body: file, timeoutMs: kUploadTimeoutMs,
  })));

/** The records of that kind that were refused, with the reason, and what they wait for if it is that. */
export const fetchRefused = (kind) => readJson(`/api/v1/views/${encodeURIComponent(kind)}/refused`);

/** `{data, etag}`, or null while the answer is still the one with that `etag`. */
export async function readChanged(path, etag) {
  const response = await ask('GET', path, etag ? { 'If-None-Match': etag } : {});
  if (response.status === 304) return null;
  return { data: await jsonOf(response), etag: response.headers.get('ETag') };
}

/** Whether the object is there yet. */
export const isStored = (link) => found(ask('HEAD', link), () => true);

/** What became of the batch: `{state, parked}`, `parked` being what of it was put aside, if anything. */
export const fetchBatch = (link) => readJson(link);

/**
 * What became of an upload, by the `status` of its receipt: `{state, records, more}`; null when the service cannot say.
 * The answer is held back until there is one, but not so many that the browser has no connection left for all else.
 */
export async function fetchOutcome(status) {
  const isHeld = held < kMaxHeld;
  if (isHeld) held++;
  try {
    const answer = await ask('GET', status, isHeld ? { Prefer: `wait=${kHeldSeconds}` } : {}, kHeldTimeoutMs);
    return await jsonOf(answer);
  } catch (problem) {
    if (problem.status === 404 || problem.status === 503) return null;
    throw problem;
  } finally {
    if (isHeld) held--;
  }
}

/** The account that asks: `{kind, key, login, roles, record}`. */
export const fetchMe = () => readJson('/api/v1/me');

/** A page of the accounts of a kind: `{accounts: [{key, login, roles, record}], cursor}`. */
export const fetchAccounts = (kind, cursor) => readJson(
  `/api/v1/views/${encodeURIComponent(kind)}/accounts?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);

/** The cached record with its `ttl_seconds`, or false when there is none. */
export const fetchRecord = (kind, key) => found(readJson(pathOf(kind, key)), (record) => record);

/** Resolves to the receipt. */
export const putRecord = (kind, key, record) => change('PUT', pathOf(kind, key), record);
export const deleteRecord = (kind, key) => change('DELETE', pathOf(kind, key));
export const postRecord = (kind, record, id) =>
  change('POST', `/api/v1/records/${encodeURIComponent(kind)}`, record, { 'Idempotency-Key': id });

/** Its bytes, for a link that the browser alone could not follow: it would not say who asks. */
export const fetchBlob = async (path) => (await ask('GET', path)).blob();

/**
 * The rows that a query lists as tables for spreadsheets: one, unless pages have other columns than those before them,
 * which are those of their rows.
 */
export async function fetchTables(path) {
  const tables = []; // {head, rows: […]}
  let next = path;
  for (let pages = 0; next && pages < kMaxTablePages; pages++) {
    const answer = await ask('GET', next, { 'Accept': 'text/csv', 'Accept-Language': document.documentElement.lang });
    const [, head, rows] = /^([^\n]*\n?)([^]*)$/.exec(await answer.text());
    if (tables.at(-1)?.head !== head) tables.push({ head, rows: [] });
    tables.at(-1).rows.push(rows);
    next = nextOf(answer);
  }
  return tables.map(({ head, rows }) => new Blob(['\ufeff', head, ...rows], { type: 'text/csv' }));
}

function nextOf(answer) {
  const link = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers.get('Link') ?? '')?.[1];
  return link && new URL(link, answer.url).href;
}

/**
 * Sends one upload; resolves to its receipt. XMLHttpRequest and not fetch, for it alone tells how much
 * has been sent: `onProgress(bytes)`.
 */
export const postRecords = (upload, events) => asCaller((caller) => post(upload, caller, events));

function post({ kind, file, headers }, caller, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/records/${encodeURIComponent(kind)}`);
    request.timeout = kUploadTimeoutMs;
    for (const [name, value] of Object.entries({ ...headers, ...caller })) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      const body = parseBody(request.responseText);
      if (request.status === 202 && body.links) resolve(body);
      else reject(new ApiProblem(request.status, body, retryAfter(request.getResponseHeader('Retry-After'))));
    };
    request.onerror = request.ontimeout = () => reject(new ApiProblem(0));
    request.onabort = () => reject(signal.reason);
    const abort = () => request.abort();
    signal.addEventListener('abort', abort);
    request.onloadend = () => signal.removeEventListener('abort', abort);
    request.send(file);
  });
}

const pathOf = (kind, key) => `/api/v1/records/${encodeURIComponent(kind)}/${encodeURIComponent(key)}`;

const ask = (method, path, headers = {}, timeoutMs = undefined) =>
  asCaller((caller) => request(method, path, { headers: { ...headers, ...caller }, timeoutMs }));

const readJson = async (path) => jsonOf(await ask('GET', path));

const change = async (method, path, json, headers = {}) =>
  jsonOf(await asCaller((caller) => request(method, path, { headers: { ...headers, ...caller }, json })));

async function found(answer, pick) {
  try {
    return pick(await answer);
  } catch (problem) {
    if (problem.status === 404) return false;
    throw problem;
  }
}
