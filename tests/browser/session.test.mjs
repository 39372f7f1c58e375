// The session of somebody who is logged in: it goes on by itself, in all tabs, and when it is over nothing is lost.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { choose, desk, eventually, file, launch, reached, says, screenshot, sendButton, visit } from './harness.mjs';
import { anOrder, fillLogin, isIn, logIn, logOut, sessionOf, withAccount } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kBeyondToken = '11:00';

/** Everything of that account ends, as seen from another browser of its owner. */
async function endSessions(page, client) {
  const { access_token: token } = await sessionOf(page, client);
  const response = await page.request.delete('/api/v1/sessions?all=true', { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(response.status(), 204);
}

async function visitLater(use) {
  await visit(browser, {}, async (page) => {
    await page.clock.install();
    await page.reload();
    await desk(page, 'empty');
    await use(page);
  });
}

test('a reload does not log out', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    await logIn(page, client);
    await page.reload();
    await isIn(page, client);
  }));

test('an old token is renewed once for all who need it', () =>
  visitLater(async (page) => {
    const client = await withAccount(page);
    await logIn(page, client);
    let refreshed = 0;
    let polled = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/sessions/refresh')) refreshed++;
      if (request.url().includes('/recent/')) polled++;
    });
    await page.clock.fastForward(kBeyondToken);
    await eventually(() => polled, (count) => count > 3);
    await isIn(page, client);
    assert.equal(refreshed, 1);
  }));

test('when the session is over, a chosen file and what was typed are still there, and are sent after logging in', () =>
  visitLater(async (page) => {
    const client = await withAccount(page);
    await logIn(page, client);
    await page.locator('#kind').selectOption('order');
    await choose(page, file('pedido.json', [anOrder()]));
    await desk(page, 'ready');
    await page.locator('#by-hand').click();
    await page.locator('#record-form textarea').first().fill('pao');
    await endSessions(page, client);
    await page.clock.fastForward(kBeyondToken);
    await page.locator('#log-in').waitFor();
    assert.equal(await page.locator('#record-form textarea').first().inputValue(), 'pao');
    await page.keyboard.press('Escape');
    await page.locator('#session-over').waitFor();
    await screenshot(page, 'people-session-over');
    await desk(page, 'ready');
    await sendButton(page).click();
    await says(page.locator('#login-note'), /Sua sessão terminou/);
    await screenshot(page, 'people-log-in-again');
    await fillLogin(page, client);
    await isIn(page, client);
    await page.locator('.upload:is([data-badge="cached"], [data-badge="unapplied"])').waitFor();
    await page.locator('#session-over').waitFor({ state: 'hidden' });
    await page.locator('#by-hand').click();
    assert.equal(await page.locator('#record-form textarea').first().inputValue(), 'pao');
  }));

test('a token that the service refuses is renewed on the way, and the upload goes through', () =>
  visit(browser, {}, async (page) => {
    await logIn(page, await withAccount(page));
    let attempts = 0;
    await page.route('**/api/v1/records/order', (route) => {
      attempts++;
      return attempts > 1 ? route.continue() : route.fulfill({
        status: 401, contentType: 'application/problem+json', json: { type: 'urn:comporta:problem:token', status: 401 } });
    });
    await page.locator('#kind').selectOption('order');
    await choose(page, file('pedido.json', [anOrder()]));
    await sendButton(page).click();
    await page.locator('.upload:is([data-badge="cached"], [data-badge="unapplied"])').waitFor();
    assert.equal(attempts, 2);
  }));

test('an upload whose sender does not log in says so, and is sent when they do', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    let isOver = true;
    await page.route('**/api/v1/records/seller', (route) => (isOver ? route.fulfill({
      status: 401, contentType: 'application/problem+json', json: { type: 'urn:comporta:problem:log-in', status: 401 } }) : route.continue()));
    await page.locator('#kind').selectOption('seller');
    await choose(page, file('vendedor.json', [{ id: `v-${crypto.randomUUID()}`, name: 'Loja' }]));
    await sendButton(page).click();
    await page.locator('#login [data-close]').click();
    await reached(page, 'refused');
    isOver = false;
    await page.getByRole('button', { name: 'Entrar e enviar' }).click();
    await reached(page, 'cached');
    assert.ok(client);
  }));

test('who logs out in one tab is logged out in all', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    await logIn(page, client);
    const other = await page.context().newPage();
    await other.goto('/');
    await isIn(other, client);
    await logOut(other);
    await page.locator('#log-in').waitFor();
    await logIn(other, client);
    await isIn(page, client);
  }));
