// The page of the API: what people read of the document, and the examples that they copy.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { ask, becomes, kDesktop, kPhone, launch, screenshot, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

async function open(page) {
  await page.goto('/api/');
  await page.locator('main[data-state=ready]').waitFor();
}

/** Opens the operation, and gives what is in it. */
async function opened(page, method, path) {
  const operation = page.locator('.operation').filter({ has: page.getByText(path, { exact: true }) })
    .filter({ has: page.getByText(method, { exact: true }) });
  await operation.locator('summary').click();
  await operation.locator('pre').waitFor();
  return operation;
}

test('every operation of the document is there, in both languages', () =>
  visit(browser, { locale: 'pt-BR' }, async (page) => {
    const document = await ask(page, '/openapi.json');
    const operations = Object.values(document.paths)
      .flatMap((item) => ['get', 'post', 'put', 'delete'].filter((method) => item[method]));
    await open(page);
    await becomes(() => page.locator('.operation').count(), operations.length);
    await page.getByRole('heading', { name: 'Pedido', exact: true }).waitFor();
    await page.locator('[data-language=en]').click();
    await page.getByRole('heading', { name: 'Order', exact: true }).waitFor();
    await becomes(() => page.locator('.operation').count(), operations.length);
  }));

test('an example is the request that it shows', () =>
  visit(browser, {}, async (page) => {
    await open(page);
    const query = await opened(page, 'GET', '/api/v1/views/transaction/check-fraud');
    const command = await query.locator('pre').innerText();
    const address = command.match(/'(http[^']+)'$/)[1];
    assert.match(address, /transactionId=cliente1$/);
    assert.equal((await page.request.get(address)).status(), 200);
    const upload = await opened(page, 'POST', '/api/v1/records/seller');
    const sent = (await upload.locator('pre').innerText()).match(/-d '([^']+)' '(http[^']+)'$/);
    const answer = await page.request.post(`${sent[2]}?dry_run=true`, { headers: { 'Content-Type': 'application/json' }, data: sent[1] });
    assert.equal(answer.status(), 200);
  }));

test('what is stamped is not asked for, and who may is said', () =>
  visit(browser, { locale: 'en' }, async (page) => {
    await open(page);
    const upload = await opened(page, 'POST', '/api/v1/records/order');
    const text = await upload.innerText();
    assert.match(text, /For: whoever has logged in/);
    assert.match(text, /Bearer \$TOKEN/);
    const members = await upload.getByRole('region', { name: 'Members of a record' }).locator('tbody th').allInnerTexts();
    assert.deepEqual(members, ['products', 'credit_card']);
  }));

for (const [name, viewport] of [['desktop', kDesktop], ['phone', kPhone]])
  for (const colorScheme of ['light', 'dark'])
    test(`axe finds no fault with it: ${name}, ${colorScheme}`, () =>
      visit(browser, { viewport, colorScheme }, async (page) => {
        await open(page);
        await opened(page, 'POST', '/api/v1/records/order');
        assert.deepEqual(await violations(page), []);
        await screenshot(page, `api-${name}-${colorScheme}`);
      }));

test('a document that cannot be read is said', () =>
  visit(browser, { locale: 'en' }, async (page) => {
    await page.route('/openapi.json', (route) => route.abort());
    await page.goto('/api/');
    await page.locator('main[data-state=unreachable]').waitFor();
    assert.match(await page.locator('#api-state').innerText(), /could not be read/);
  }));
