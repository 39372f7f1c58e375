// Who is logged in, and in whose name requests are made. The access token is in the memory of this tab alone, the
// refresh token in a cookie that no script can read; what the browser keeps says no more than that somebody logged in.

import { jsonOf, request } from '../http.js';

const kStoredAs = 'comporta.session';
const kMarginMs = 30_000;
const kSessions = '/api/v1/sessions';

let account = null; // {kind, key, login, roles}
let token = null;
let endsAt = 0;
let isUnsure = false; // somebody logged in here, and the service has not said yet whether that still holds
let renewing = null; // the one refresh that all requests wait for
const listeners = [];

/** The account that is logged in, `{kind, key, login, roles}`, or null. */
export const caller = () => account;

/** Its name among all: `client/c1`, or null. */
export const principal = () => account && `${account.kind}/${account.key}`;

/** `listener(why)` when it is another one: in, left (somebody logged out), or over (the service ended it). */
export const onCallerChange = (listener) => listeners.push(listener);

/** Takes up the session of this browser, if there is reason to think that there is one. */
export async function resume() {
  if (!recall().startsWith('in')) return;
  isUnsure = true;
  await renew('quiet').catch(() => {}); // whoever needs it asks again
}

export async function logIn(kind, login, password) {
  adopt(await jsonOf(await request('POST', kSessions, { json: { kind, login, password } })));
  remember('in');
}

/** This session, or all of the account's. */
export async function logOut(everywhere = false) {
  try {
    const path = everywhere ? `${kSessions}?all=true` : kSessions;
    await asCaller((headers) => request('DELETE', path, { headers }));
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  }
  forget('left');
}

/**
 * Runs `attempt(headers)` in the name of who is logged in. When the token is not believed it is renewed and tried once
 * more; if the session is over, in nobody's name.
 */
export async function asCaller(attempt) {
  const used = await usableToken();
  const who = account;
  try {
    return await attempt(headersOf(used));
  } catch (problem) {
    if (problem.status !== 401 || !used) throw problem;
    if (token === used) await renew();
    if (account && account !== who) throw problem; // somebody else's session is not for this
    return attempt(headersOf(token));
  }
}

const headersOf = (used) => (used ? { Authorization: `Bearer ${used}` } : {});

async function usableToken() {
  const isOld = token && performance.now() > endsAt - kMarginMs;
  if (!renewing && !isUnsure && !isOld) return token;
  try {
    await renew();
  } catch (problem) {
    if (!token || performance.now() > endsAt) throw problem;
  }
  return token;
}

function renew(ending = 'over') {
  renewing ??= refresh(ending).finally(() => { renewing = null; });
  return renewing;
}

async function refresh(ending) {
  try {
    adopt(await jsonOf(await request('POST', `${kSessions}/refresh`)));
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    forget(ending);
  }
}

function adopt(answer) {
  token = answer.access_token;
  endsAt = performance.now() + answer.expires_in * 1000;
  isUnsure = false;
  become(answer.account, 'in');
}

function forget(why) {
  token = null;
  isUnsure = false;
  if (recall().startsWith('in')) remember(why);
  become(null, why);
}

function become(next, why) {
  const isSame = JSON.stringify(next) === JSON.stringify(account);
  if (isSame) return;
  account = next;
  for (const listener of listeners) listener(why);
  window.dispatchEvent(new CustomEvent('caller', { detail: why }));
}

/** The other tabs of this browser learn of it, too. */
function remember(state) {
  try {
    localStorage.setItem(kStoredAs, `${state} ${Date.now()}`);
  } catch {
    // Refused: the session then lasts as long as the page.
  }
}

function recall() {
  try {
    return localStorage.getItem(kStoredAs) ?? '';
  } catch {
    return '';
  }
}

window.addEventListener('storage', ({ key, newValue }) => {
  if (key !== kStoredAs) return;
  const [state] = (newValue ?? 'left').split(' ');
  if (state === 'in') renew().catch(() => {});
  else if (account) forget(state);
});
