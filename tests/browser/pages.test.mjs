// Pages that kinds bring: the menu, their addresses, who may see them, and what is shown where one cannot be.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  becomes, choose, desk, eventually, file, fits, kPhone, launch, reached, says, screenshot, sendButton, transaction,
  visit,
} from './harness.mjs';
import { visitPage } from './panels_harness.mjs';
import { fillLogin, isIn, logIn, logOut, withAccount, withAdmin } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const menu = async (page) => (await page.locator('#menu a').allInnerTexts()).toSorted();
const heading = (page, title) => page.locator('#panels > h2', { hasText: title }).waitFor();

/** The page of the market is for these alone. */
async function marketFor(page, who) {
  await page.route('**/api/v1/kinds', async (route) => {
    const { kinds } = await (await route.fetch()).json();
    for (const kind of kinds) if (kind.name === 'stall') kind.page.who = who;
    return route.fulfill({ json: { kinds } });
  });
}

test('the menu leads to every page and back, by the keyboard, too', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    await becomes(() => menu(page), ['Balcão', 'Cardápio', 'Enviar', 'Feira', 'Lanchonete', 'Loja', 'Transações']);
    await page.locator('#menu').getByText('Feira').click();
    await heading(page, 'Feira');
    assert.equal(new URL(page.url()).pathname, '/market/');
    await becomes(() => page.title(), 'Feira · Comporta');
    await says(page.locator('#menu [aria-current]'), /^Feira$/);
    assert.ok(await page.locator('#desk').isHidden());
    await page.locator('#menu').getByText('Loja').focus();
    await page.keyboard.press('Enter');
    await heading(page, 'Loja');
    await becomes(() => page.evaluate(() => document.activeElement.id), 'main');
    await page.goBack();
    await heading(page, 'Feira');
    await page.goBack();
    await page.locator('#desk').waitFor();
    await page.goForward();
    await heading(page, 'Feira');
    await page.reload();
    await heading(page, 'Feira');
    await page.locator('[data-language=en]').click();
    await heading(page, 'Market');
    await becomes(() => menu(page), ['Counter', 'Market', 'Menu', 'Shop', 'Snack bar', 'Transactions', 'Upload']);
    await becomes(() => page.title(), 'Market · Comporta');
  }));

test('an upload goes on while its sender looks at another page', () =>
  visit(browser, {}, async (page) => {
    await page.route('**/api/v1/records/transaction', async (route) => {
      await page.locator('#menu').getByText('Transações').click();
      await route.continue();
    });
    await choose(page, file('Dados.json', [transaction()]));
    await desk(page, 'ready');
    await sendButton(page).click();
    await heading(page, 'Transações');
    await page.locator('#menu').getByText('Enviar').click();
    await reached(page, 'cached');
  }));

test('below the desk stand the panels of the kind that is chosen, or of its family', () =>
  visit(browser, {}, async (page) => {
    const panels = () => page.locator('#panels [data-as]:visible').evaluateAll((nodes) => nodes.map(({ dataset }) => dataset.as));
    await desk(page, 'empty');
    await becomes(panels, ['arrivals', 'latest']);
    await page.locator('#beside .flags').waitFor();
    await page.locator('#kind').selectOption('product');
    await heading(page, 'Loja');
    await becomes(panels, ['bars', 'line', 'arrivals', 'latest']);
    await becomes(() => page.locator('#beside .flags').count(), 0);
    const latest = page.locator('[data-as="latest"] h3');
    await says(latest, /^Últimos registros: Produto$/);
    await page.locator('#kind').selectOption('seller');
    await says(latest, /^Últimos registros: Vendedor$/);
  }));

test('a page that is not there is said to be none, and leads to the desk', () =>
  visit(browser, {}, async (page) => {
    await page.goto('/nowhere/');
    await page.locator('#lost', { hasText: 'Não há página com este nome.' }).waitFor();
    await page.locator('#lost a').click();
    await page.locator('#desk').waitFor();
    assert.ok(await page.locator('#lost').isHidden());
  }));

test('a page for those who have logged in is in nobody’s menu, and asks who comes by its address to log in', () =>
  visit(browser, {}, async (page) => {
    await marketFor(page, ['login']);
    await page.goto('/market/');
    await page.locator('#lost', { hasText: 'Entre para ver a página “Feira”.' }).waitFor();
    await screenshot(page, 'page-locked');
    assert.ok(!(await menu(page)).includes('Feira'));
    const client = await withAccount(page);
    await page.locator('#lost button').click();
    await fillLogin(page, client);
    await isIn(page, client);
    await heading(page, 'Feira');
    await eventually(() => menu(page), (links) => links.includes('Feira'));
    await logOut(page);
    await page.locator('#lost', { hasText: 'Entre para ver' }).waitFor();
    await becomes(() => page.locator('[data-as]').count(), 0);
  }));

test('a page for others is not for whoever has logged in', () =>
  visit(browser, {}, async (page) => {
    await marketFor(page, ['clerk']);
    await page.goto('/market/');
    await logIn(page, await withAccount(page));
    await page.locator('#lost', { hasText: 'Sua conta não vê a página “Feira”.' }).waitFor();
  }));

test('a panel for admins is there for them alone', () =>
  visitPage(browser, '/market/', {}, async (page) => {
    const panel = page.locator('[data-as="number"]', { hasText: 'Só para admins' });
    assert.equal(await panel.count(), 0);
    await logIn(page, await withAdmin(page));
    await panel.waitFor();
    await logOut(page);
    await panel.waitFor({ state: 'detached' });
  }));

test('without the service a page says so, and is there once it answers', () =>
  visit(browser, {}, async (page) => {
    await page.route('**/api/v1/kinds', (route) => route.fulfill({ status: 503, body: '' }));
    await page.goto('/market/');
    await page.locator('#lost', { hasText: 'O serviço não respondeu.' }).waitFor();
    await screenshot(page, 'page-unavailable');
    await page.unroute('**/api/v1/kinds');
    await page.locator('#lost button').click();
    await heading(page, 'Feira');
  }));

for (const path of ['/shop/', '/transactions/']) {
  test(`a wall screen shows all of ${path} at once`, () =>
    visitPage(browser, path, { viewport: { width: 2560, height: 1440 } }, async (page) => {
      await page.locator('[data-as="arrivals"][data-state="ready"]').waitFor();
      await screenshot(page, `wall${path.replaceAll('/', '-')}`);
      await fits(page, 'Height');
    }));

  test(`nothing of ${path} is cut off on a phone`, () =>
    visitPage(browser, path, { viewport: kPhone, isMobile: true, hasTouch: true }, async (page) => {
      await page.locator('[data-as="arrivals"][data-state="ready"]').waitFor();
      await screenshot(page, `phone${path.replaceAll('/', '-')}`);
      await fits(page);
    }));
}
