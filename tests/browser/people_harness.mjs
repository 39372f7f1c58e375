// What the tests about people share: clients of the shop, and how they come and go.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from './harness.mjs';

/** A client that no earlier run has made. */
export const newClient = () => ({ name: 'Ana', email: `ana-${crypto.randomUUID()}@example.com`, password: 'uma senha comprida' });

export const anOrder = (product = 'pao') => ({
  products: [product],
  credit_card: { card_number: '4111111111111111', cvv: '123', card_holder_name: 'ANA', exp_date: '12/30' },
});

/** Sends records, and waits until they are applied. */
export async function applied(page, kind, data, headers = {}) {
  const response = await page.request.post(`/api/v1/records/${kind}`, { data, headers });
  assert.equal(response.status(), 202, await response.text());
  const { status } = await response.json();
  const outcome = async () => (await page.request.get(status, { headers })).json();
  await eventually(outcome, ({ state }) => state === 'applied');
}

/** The id of a product that can be bought. */
export async function aProduct(page, id = `produto-${crypto.randomUUID()}`) {
  const seller = `vendedor-${crypto.randomUUID()}`;
  await applied(page, 'seller', { id: seller, name: 'Loja' });
  await applied(page, 'product', { id, title: 'Cadeira', price: 99_900, seller });
  return id;
}

/** An account made by the API, when it is there. */
export async function withAccount(page, client = newClient(), headers = {}) {
  await applied(page, 'client', client, headers);
  return client;
}

/** Somebody who may do everything. */
export const withAdmin = async (page) =>
  withAccount(page, { ...newClient(), name: 'Ada', roles: ['admin'] }, { Authorization: `Bearer ${await adminToken()}` });

/** Good for some minutes; the operator's tool makes it, of the keys of the stack that runs. */
export async function adminToken() {
  const program = fileURLToPath(new URL('../../deploy/operator/comporta.py', import.meta.url));
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [program, 'tokens', 'issue']);
  return stdout.trim();
}

/** What the API answers to that login: another browser of the same person. */
export async function sessionOf(page, { email, password }) {
  const response = await page.request.post('/api/v1/sessions', { data: { kind: 'client', login: email, password } });
  return response.ok() ? response.json() : null;
}

export async function fillLogin(page, { email, password }) {
  await page.locator('#login-name').fill(email);
  await page.locator('#login-password').fill(password);
  await page.locator('#login-password').press('Enter');
}

export async function logIn(page, client) {
  await page.locator('#log-in').click();
  await fillLogin(page, client);
  await isIn(page, client);
}

export async function logOut(page) {
  await page.locator('#account').click();
  await page.locator('#me').getByRole('button', { name: 'Sair', exact: true }).click();
  await page.locator('#log-in').waitFor();
}

export const isIn = (page, { email }) => page.locator('#account', { hasText: email }).waitFor();
export const closed = (page, id) => page.locator(`#${id}`).waitFor({ state: 'hidden' });

export async function fillSignUp(page, client) {
  for (const [member, value] of Object.entries(client)) await page.locator(`#sign-up-field-${member}`).fill(value);
  await page.locator('#sign-up-send').click();
}
