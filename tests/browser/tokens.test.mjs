// Access tokens, held against the library that most programs of this language use: what it signs is taken here, what is
// signed here it takes, and what it refuses is refused here.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { createRemoteJWKSet, decodeJwt, generateKeyPair, importJWK, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { baseUrl, eventually } from './harness.mjs';
import { newClient } from './people_harness.mjs';

const kLeewaySeconds = 60;
const kSteps = 7;  // between the letters of a token that are tried
const kExpected = { algorithms: ['EdDSA'], issuer: 'comporta', audience: 'comporta', typ: 'JWT', clockTolerance: kLeewaySeconds };

/** @type {{keys: Function, jwk: object, key: object, token: string, claims: object}} What the stack has, and a login. */
let stack;
before(async () => {
  const [jwk] = JSON.parse(await readFile(process.env.COMPORTA_TOKEN_KEYS_FILE, 'utf8')).keys;
  const token = await logIn(await signUp(newClient()));
  stack = { keys: createRemoteJWKSet(new URL('/.well-known/jwks.json', baseUrl())), jwk, key: await importJWK(jwk, 'EdDSA'),
    token, claims: decodeJwt(token) };
});

const ask = (path, options = {}) => fetch(new URL(path, baseUrl()), options);
const post = (path, body) => ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
const me = (token, scheme = 'Bearer') => ask('/api/v1/me', { headers: { Authorization: `${scheme} ${token}` } });
const inTheirEyes = (token) => jwtVerify(token, stack.keys, kExpected);

async function signUp(client) {
  const receipt = await (await post('/api/v1/records/client', client)).json();
  const outcome = async () => (await ask(receipt.status, { headers: { Prefer: 'wait=9' } })).json();
  await eventually(outcome, ({ state }) => state === 'applied');
  return client;
}

async function logIn({ email, password }) {
  const answer = await post('/api/v1/sessions', { kind: 'client', login: email, password });
  return (await answer.json()).access_token;
}

const header = (other = {}) => ({ alg: 'EdDSA', kid: stack.jwk.kid, typ: 'JWT', ...other });
const sign = (claims, other = {}, key = stack.key) =>
  new SignJWT({ ...stack.claims, ...claims }).setProtectedHeader(header(other)).sign(key);
const fromNow = (seconds) => Math.floor(Date.now() / 1000) + seconds;
const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

test('what is signed here they take, by the keys that are shown', async () => {
  const { payload, protectedHeader } = await inTheirEyes(stack.token);
  assert.deepEqual(protectedHeader, header());
  assert.match(payload.sub, /^client\/.+/);
  assert.equal(payload.exp - payload.iat, 600);
});

test('what they sign is taken here', async () => {
  for (const claims of [{}, { jti: 'another' }, { exp: fromNow(30 - kLeewaySeconds) }, { nbf: fromNow(kLeewaySeconds - 5) }]) {
    const token = await sign(claims);
    await inTheirEyes(token);
    for (const scheme of ['Bearer', 'JWT']) {
      const answer = await me(token, scheme);
      assert.equal(answer.status, 200, JSON.stringify(claims));
      assert.equal(`client/${(await answer.json()).key}`, stack.claims.sub);
    }
  }
});

/** By name, tokens that nobody has signed who may. */
async function forgeries() {
  const stranger = (await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true }));
  const curve = (await generateKeyPair('ES256')).privateKey;
  const { d: _private, ...shown } = stack.jwk;
  const secret = (text) => sign({}, { alg: 'HS256' }, Buffer.from(text));
  const [, payload, signature] = stack.token.split('.');
  return {
    'not signed': new UnsecuredJWT(stack.claims).encode(),
    'not signed, with the name of a key': `${encoded(header({ alg: 'none' }))}.${payload}.`,
    'not signed, whatever it says': `${encoded(header({ alg: 'none' }))}.${payload}.${signature}`,
    'with the public key as a secret': await secret(Buffer.from(shown.x, 'base64url')),
    'with the shown key as a secret': await secret(JSON.stringify(shown)),
    'with the letters of the public key as a secret': await secret(shown.x),
    'of another algorithm': await sign({}, { alg: 'ES256' }, curve),
    'of another installation': await sign({}, {}, stranger.privateKey),
    'with a key of its own': await sign({}, { jwk: shown }, stranger.privateKey),
    'of another key': await sign({}, { kid: 'another' }),
    'of another type': await sign({}, { typ: 'at+jwt' }),
    'of no type': await sign({}, { typ: undefined }),
    'of another issuer': await sign({ iss: 'another' }),
    'for another audience': await sign({ aud: 'another' }),
    'before its time': await sign({ nbf: fromNow(kLeewaySeconds + 600) }),
    'after its time': await sign({ exp: fromNow(-kLeewaySeconds - 5) }),
    'with more that has to be understood': `${encoded(header({ crit: ['exp2'], exp2: 1 }))}.${payload}.${signature}`,
    'without its signature': `${stack.token.slice(0, -signature.length)}`,
    'of other claims': `${encoded(header())}.${encoded({ ...stack.claims, roles: ['admin'] })}.${signature}`,
  };
}

test('what they refuse is refused here', async () => {
  for (const [name, token] of Object.entries(await forgeries())) {
    await assert.rejects(inTheirEyes(token), name);
    const answer = await me(token);
    assert.equal(answer.status, 401, name);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="invalid_token"', name);
    assert.equal((await answer.json()).type, 'urn:comporta:problem:token', name);
  }
});

// Of the last letter some bits count for nothing there, and do here.
test('no letter of a token may be another', async () => {
  const { token } = stack;
  for (let at = 0; at < token.length - 1; at += kSteps) {
    const letter = String.fromCharCode(token.charCodeAt(at) ^ 1);
    const changed = token.slice(0, at) + letter + token.slice(at + 1);
    await assert.rejects(inTheirEyes(changed), `${at}`);
    assert.equal((await me(changed)).status, 401, `${at}`);
  }
});
