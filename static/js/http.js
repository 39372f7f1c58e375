// One request, and what can come of it: an answer, or an ApiProblem. Who asks is no business of this file.

const kTimeoutMs = 10_000;
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

/** Whether it takes somebody else to ask, or anybody at all. */
export const isForbidden = ({ status }) => status === 401 || status === 403;

/** Resolves to the Response, a yes or a 304. `json` is sent as the body, or the bytes of `body`. */
export async function request(method, path, { headers = {}, json, body, timeoutMs = kTimeoutMs } = {}) {
  const sent = { method, headers: { ...headers }, body, cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) };
  if (json !== undefined) {
    sent.headers['Content-Type'] = 'application/json';
    sent.body = JSON.stringify(json);
  }
  let response;
  try {
    response = await fetch(path, sent);
  } catch {
    throw new ApiProblem(0);
  }
  learnSkew(response.headers.get('Date'));
  if (!response.ok && response.status !== 304) throw await problemOf(response);
  return response;
}

async function problemOf(response) {
  const text = await response.text().catch(() => '');
  return new ApiProblem(response.status, parseBody(text), retryAfter(response.headers.get('Retry-After')));
}

export async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    throw new ApiProblem(0);
  }
}

/** The time as the service's clock has it: the browser's may be wrong. */
export const serverNow = () => Date.now() + clockSkewMs;

/** The header counts whole seconds: less than that may be no difference at all. */
function learnSkew(date) {
  const skew = Date.parse(date) - Date.now();
  if (!Number.isNaN(skew)) clockSkewMs = Math.abs(skew) > kSkewToleranceMs ? skew : 0;
}

/** A proxy in between may answer with a page of its own: that is a problem without a document. */
export function parseBody(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** RFC 9110 10.2.3: seconds, or a date. Null if it is neither. */
export function retryAfter(header) {
  if (!header) return null;
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
