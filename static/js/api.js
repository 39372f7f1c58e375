// Comporta's HTTP API, as the page uses it. Every call resolves to what it asked for, or rejects with an
// ApiProblem; nothing else is thrown but the reason of an abort.

const kReadTimeoutMs = 10_000;
const kUploadTimeoutMs = 10 * 60_000;
const kSkewToleranceMs = 2_500;

let clockSkewMs = 0;

/** An answer that is not a yes; status 0 when there was none. `document` is the problem+json, or {}. */
export class ApiProblem extends Error {
  constructor(status, document = {}, retryAfterMs = null) {
    super(document.title ?? `status ${status}`);
    this.status = status;
    this.document = document;
    this.retryAfterMs = retryAfterMs;
  }
}

export async function fetchKinds() {
  const { kinds } = await readJson('/api/v1/kinds');
  return kinds;
}

/** What was compared when that record's key was flagged. */
export const fetchReport = (kind, key) =>
  readJson(`/api/v1/views/${encodeURIComponent(kind)}/report?key=${encodeURIComponent(key)}`);

/** The records of that kind that were refused, with the reason, and what they wait for if it is that. */
export const fetchRefused = (kind) => readJson(`/api/v1/views/${encodeURIComponent(kind)}/refused`);

/** `{data, etag}`, or null while the answer is still the one with that `etag`. */
export async function readChanged(path, etag) {
  const response = await ask('GET', path, etag ? { 'If-None-Match': etag } : {});
  if (response.status === 304) return null;
  return { data: await jsonOf(response), etag: response.headers.get('ETag') };
}

/** The time as the service's clock has it: the browser's may be wrong. */
export const serverNow = () => Date.now() + clockSkewMs;

export async function fetchSample(sample) {
  const response = await ask('GET', sample.href);
  return new File([await response.blob()], sample.file);
}

export const fetchSchema = (kind) => readJson(kind.schema);

/** Whether the object is there yet. */
export const isStored = (link) => found(ask('HEAD', link), () => true);

/** What became of the batch: `{state, parked}`, `parked` being what of it was put aside, if anything. */
export const fetchBatch = (link) => readJson(link);

/** The cached record with its `ttl_seconds`, or false when there is none. */
export const fetchRecord = (kind, key) =>
  found(readJson(`/api/v1/records/${encodeURIComponent(kind)}/${encodeURIComponent(key)}`), (record) => record);

/**
 * Sends one upload; resolves to its receipt. XMLHttpRequest and not fetch, for it alone tells how much
 * has been sent: `onProgress(bytes)`.
 */
export function postRecords({ kind, file, headers }, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/records/${encodeURIComponent(kind)}`);
    request.timeout = kUploadTimeoutMs;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
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

async function ask(method, path, headers = {}) {
  let response;
  try {
    response = await fetch(path, { method, headers, cache: 'no-store', signal: AbortSignal.timeout(kReadTimeoutMs) });
  } catch {
    throw new ApiProblem(0);
  }
  learnSkew(response.headers.get('Date'));
  if (!response.ok && response.status !== 304) throw new ApiProblem(response.status, parseBody(await response.text()));
  return response;
}

/** The header counts whole seconds: less than that may be no difference at all. */
function learnSkew(date) {
  const skew = Date.parse(date) - Date.now();
  if (!Number.isNaN(skew)) clockSkewMs = Math.abs(skew) > kSkewToleranceMs ? skew : 0;
}

const readJson = async (path) => jsonOf(await ask('GET', path));

async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    throw new ApiProblem(0);
  }
}

async function found(answer, pick) {
  try {
    return pick(await answer);
  } catch (problem) {
    if (problem.status === 404) return false;
    throw problem;
  }
}

/** A proxy in between may answer with a page of its own: that is a problem without a document. */
function parseBody(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** RFC 9110 10.2.3: seconds, or a date. Null if it is neither. */
function retryAfter(header) {
  if (!header) return null;
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
