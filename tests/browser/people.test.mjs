// People: they sign up, log in, do what takes an account, and log out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import {
  becomes, choose, desk, eventually, file, fits, kPhone, launch, newestUpload, reached, says, screenshot, sendButton,
  visit,
} from './harness.mjs';
import {
  aProduct, anOrder, closed, fillLogin, fillSignUp, isIn, logIn, logOut, newClient, sessionOf, withAccount,
} from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kPurchases = '[data-view="order/purchases"]';
const dialog = (page, id) => page.locator(`#${id}[open]`);
const focused = (page) => page.evaluate(() => document.activeElement?.id);

test('whoever never logs in is asked nothing, and the service is not either', () =>
  visit(browser, {}, async (page) => {
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    await page.locator('#log-in').waitFor();
    await page.locator('.flags[data-state="ready"]').waitFor();
    assert.deepEqual(asked.filter((url) => url.includes('/sessions') || url.endsWith('/me')), []);
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await screenshot(page, 'people-nobody');
  }));

test('somebody signs up where it is asked for, buys, sees what became of it, and leaves nothing behind', () =>
  visit(browser, {}, async (page) => {
    const client = newClient();
    const said = [];
    page.on('console', (message) => said.push(message.text()));
    await choose(page, file('pedido.json', [anOrder()]));
    await page.locator('#kind').selectOption('order');
    await desk(page, 'ready');
    await says(sendButton(page), /^Entrar e enviar Pedido$/);
    await sendButton(page).click();
    await says(page.locator('#login-note'), /Pedido/);
    await page.locator('#login-sign-up').click();
    await screenshot(page, 'people-sign-up');
    await fillSignUp(page, client);
    await isIn(page, client);
    await newestUpload(page).locator('text=pedido.json').waitFor();
    await page.locator('.upload:not([data-badge="sending"])').waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
    for (const secret of [client.password, client.email]) assert.ok(!kept.includes(secret), kept);
    assert.ok(!said.join().includes(client.password));
    await screenshot(page, 'people-bought');
    await logOut(page);
    await becomes(() => page.locator('.upload').count(), 0);
    await desk(page, 'empty');
  }));

test('an order that lacks its product is shown as not applied, with the reason, until the product is there', () =>
  visit(browser, {}, async (page) => {
    await logIn(page, await withAccount(page));
    await page.locator('#kind').selectOption('order');
    const product = `nada-${crypto.randomUUID()}`;
    await choose(page, file('pedido.json', [anOrder(product)]));
    await sendButton(page).click();
    await reached(page, 'unapplied');
    await says(newestUpload(page).locator('.problem'), new RegExp(product));
    await screenshot(page, 'people-not-applied');
    await aProduct(page, product);
    await page.getByRole('button', { name: 'Verificar de novo' }).click();
    await reached(page, 'cached');
  }));

test('a wrong password and a login that is taken are said in words, where they belong', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    await page.locator('#log-in').click();
    await fillLogin(page, { ...client, password: 'não é a senha certa' });
    await page.locator('#login-problem', { hasText: 'O login ou a senha não está certo.' }).waitFor();
    assert.equal(await page.locator('#login-name').inputValue(), client.email);
    await page.locator('#login-sign-up').click();
    await fillSignUp(page, { ...newClient(), password: 'curta' });
    await says(page.locator('#sign-up .field', { hasText: 'Senha' }), /no mínimo 12/);
    await fillSignUp(page, { ...newClient(), email: client.email });
    await page.locator('#sign-up .field-fault', { hasText: 'este login já é de outra conta' }).waitFor();
    await becomes(() => focused(page), 'sign-up-field-email');
    await screenshot(page, 'people-taken');
  }));

test('who signs up where only those who have logged in are told what became of it is logged in all the same', () =>
  visit(browser, {}, async (page) => {
    const client = newClient();
    await page.route('**/api/v1/uploads/**', (route) => route.fulfill({ status: 401, json: { status: 401 } }));
    await page.locator('#log-in').click();
    await page.locator('#login-sign-up').click();
    await fillSignUp(page, client);
    await isIn(page, client);
  }));

test('the keyboard alone logs in and out, and the focus goes back to where it was', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    await page.locator('#log-in').focus();
    await page.keyboard.press('Enter');
    await becomes(() => focused(page), 'login-name');
    await page.keyboard.press('Escape');
    await closed(page, 'login');
    await becomes(() => focused(page), 'log-in');
    await page.keyboard.press('Enter');
    await becomes(() => focused(page), 'login-name');
    await page.keyboard.type(client.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(client.password);
    await page.keyboard.press('Enter');
    await isIn(page, client);
    await closed(page, 'login');
    await becomes(() => focused(page), 'account');
    await page.keyboard.press('Enter');
    await dialog(page, 'me').waitFor();
    await page.keyboard.press('Escape');
    await closed(page, 'me');
    await becomes(() => focused(page), 'account');
    await logOut(page);
    await becomes(() => focused(page), 'log-in');
    await becomes(() => page.locator('#login-name').inputValue(), '');
  }));

for (const [status, headers, words] of [
  [429, { 'Retry-After': '30' }, /Tentativas demais\. Espere 30\ss/],
  [503, {}, /O serviço está ocupado/],
]) {
  test(`a login that has to wait is told so: ${status}`, () =>
    visit(browser, {}, async (page) => {
      await page.route('**/api/v1/sessions', (route) => route.fulfill({ status, headers, json: { status } }));
      await page.locator('#log-in').click();
      await fillLogin(page, newClient());
      await eventually(() => page.locator('#login-problem').innerText(), (text) => words.test(text));
    }));
}

test('a password in a chosen file is not shown', () =>
  visit(browser, {}, async (page) => {
    const client = newClient();
    await choose(page, file('clientes.json', [client]));
    await page.locator('#kind').selectOption('client');
    await page.locator('#sheet', { hasText: client.email }).waitFor();
    await desk(page, 'ready');
    assert.ok(!(await page.locator('#sheet').innerText()).includes(client.password));
  }));

test('password managers are told what is what', () =>
  visit(browser, {}, async (page) => {
    await page.locator('#log-in').click();
    const autocompletes = (id) => page.locator(`#${id} form input`).evaluateAll((inputs) => inputs.map((input) => input.autocomplete));
    assert.deepEqual(await autocompletes('login'), ['username', 'current-password']);
    assert.deepEqual(await autocompletes('password'), ['username', 'current-password', 'new-password']);
    await page.locator('#login-sign-up').click();
    await page.locator('#sign-up-field-password').waitFor();
    const signUp = await autocompletes('sign-up');
    assert.deepEqual(signUp.filter((word) => word !== 'off'), ['username', 'new-password']);
    assert.equal(await page.locator('#sign-up-field-roles').count(), 0);
  }));

test('my password is another one: the old one is no more', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    const next = { ...client, password: 'outra senha comprida' };
    await logIn(page, client);
    await page.locator('#account').click();
    await page.locator('#me-facts', { hasText: client.email }).waitFor();
    await page.locator('#me-facts', { hasText: client.name }).waitFor();
    await screenshot(page, 'people-me');
    await page.locator('#me-password').click();
    const change = async (current, password) => {
      await page.locator('#password-current').fill(current);
      await page.locator('#password-new').fill(password);
      await page.locator('#password [type=submit]').click();
    };
    await change('não é a senha certa', next.password);
    await page.locator('#password-problem', { hasText: 'A senha atual não está certa.' }).waitFor();
    await screenshot(page, 'people-password');
    await change(client.password, next.password);
    await closed(page, 'password');
    await isIn(page, client);
    assert.equal(await sessionOf(page, client), null);
    assert.ok(await sessionOf(page, next));
  }));

for (const options of [{ locale: 'pt-BR' }, { locale: 'en', colorScheme: 'dark' }, { locale: 'pt-BR', viewport: kPhone, hasTouch: true, isMobile: true }]) {
  test(`the dialogs are accessible: ${JSON.stringify(options)}`, () =>
    visit(browser, options, async (page) => {
      const name = ['people', options.locale, options.colorScheme ?? 'light', options.isMobile ? 'phone' : 'desk'].join('-');
      const look = async (what) => {
        assert.deepEqual(await violations(page), [], what);
        await fits(page);
        await screenshot(page, `${name}-${what}`);
      };
      const client = await withAccount(page);
      await page.locator('#log-in').click();
      await page.locator('#login [type=submit]').click();
      await look('login');
      await page.locator('#login-sign-up').click();
      await page.locator('#sign-up-send').click();
      await look('sign-up');
      await page.locator('#sign-up [data-close]').click();
      await fillLogin(page, client);
      await isIn(page, client);
      await look('page');
      await page.locator('#account').click();
      await page.locator('#me[aria-busy="false"]').waitFor();
      await look('me');
      await page.locator('#me-password').click();
      await page.locator('#password [type=submit]').click();
      await look('password');
    }));
}

test('my purchases are mine, and nobody else’s', () =>
  visit(browser, {}, async (page) => {
    const [ana, rui] = [await withAccount(page), await withAccount(page)];
    const product = await aProduct(page);
    await logIn(page, ana);
    await page.locator('#kind').selectOption('order');
    await page.locator(kPurchases).getByText('Nada aqui ainda.').waitFor();
    await page.locator('#by-hand').click();
    const order = anOrder(product);
    await page.locator('#field-products').fill(product);
    for (const [member, value] of Object.entries(order.credit_card)) await page.locator(`#field-credit_card-${member}`).fill(value);
    await page.locator('#record-form-send').click();
    await reached(page, 'cached');
    await page.locator(`${kPurchases} tbody tr`).waitFor();
    await says(page.locator(`${kPurchases} tbody`), /R\$/);
    await screenshot(page, 'people-purchases');
    await logOut(page);
    await page.locator(kPurchases).waitFor({ state: 'hidden' });
    await logIn(page, rui);
    await page.locator(kPurchases).getByText('Nada aqui ainda.').waitFor();
  }));
