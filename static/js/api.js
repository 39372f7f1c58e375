// Comporta's HTTP API, as the page uses it. Every call resolves to what it asked for, or rejects with an
// ApiProblem; nothing else is thrown but the reason of an abort.

const kReadTimeoutMs = 10_000;
const kUploadTimeoutMs = 10 * 60_000;

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

export async function fetchSample(sample) {
  const response = await ask('GET', sample.href);
  return new File([await response.blob()], sample.file);
}

/** Whether the object is there yet. */
export const isStored = (link) => found(ask('HEAD', link), () => true);

/** Whether the batch has been applied to the cache yet. */
export const isApplied = (link) => found(readJson(link), (batch) => batch.applied === true);

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
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

async function ask(method, path) {
  let response;
  try {
    response = await fetch(path, { method, cache: 'no-store', signal: AbortSignal.timeout(kReadTimeoutMs) });
  } catch {
    throw new ApiProblem(0);
  }
  if (!response.ok) throw new ApiProblem(response.status, parseBody(await response.text()));
  return response;
}

async function readJson(path) {
  const response = await ask('GET', path);
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
