// What became of an upload after it was accepted: how much of it was applied, and why not the rest.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { choose, desk, file, launch, newestUpload, reached, screenshot, sendButton, transaction, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Answers whoever asks for the upload with that, after saying once that it is not known yet. */
async function outcome(page, answer, status = 200) {
  const prefers = [];
  await page.route('**/api/v1/uploads/**', async (route) => {
    prefers.push(await route.request().headerValue('prefer'));
    if (prefers.length === 1 && status === 200) return route.fulfill({ json: { state: 'pending', records: [], more: 0 } });
    return route.fulfill({ status, json: answer });
  });
  await page.route('**/api/v1/records/transaction', async (route) => {
    const response = await route.fetch();
    const receipt = await response.json();
    return route.fulfill({ status: response.status(), json: { ...receipt, status: `/api/v1/uploads/${receipt.upload}?batch=${receipt.batches[0]}` } });
  });
  return prefers;
}

async function send(page, count = 3) {
  await choose(page, file('Dados.json', Array.from({ length: count }, () => transaction())));
  await desk(page, 'ready');
  await sendButton(page).click();
}

test('what was applied is waited for, in one request that the service holds', () =>
  visit(browser, {}, async (page) => {
    const prefers = await outcome(page, { state: 'applied', records: [], more: 0 });
    let batches = 0;
    page.on('request', (request) => { if (request.url().includes('/batches/')) batches++; });
    await send(page);
    await reached(page, 'cached');
    assert.deepEqual(prefers, ['wait=10', 'wait=10']);
    assert.equal(batches, 0);
  }));

for (const [locale, words] of [
  ['pt-BR', [/Aplicado em parte/, /101 registros não foram aplicados; os outros foram/, /primeiros 3/, /já existe e é de outra pessoa/, /there is no product pao/,
    /já há uma compra deste revendedor com esse código/]],
  ['en', [/Applied in part/, /101 records were not applied; the others were/, /first 3/, /somebody else’s/, /there is no product pao/,
    /another purchase of this reseller has that code/]],
]) {
  test(`some were refused: how many, which, and why (${locale})`, () =>
    visit(browser, { locale }, async (page) => {
      await outcome(page, { state: 'partly', more: 98, records: [
        { index: 1, key: 'a', outcome: 'refused', reason: "it is somebody else's" },
        { index: 2, key: 'b', outcome: 'refused', reason: 'there is no product pao' },
        { index: 3, key: 'c', outcome: 'refused', reason: 'another purchase of this reseller has that code' },
      ] });
      await send(page);
      await reached(page, 'partly');
      const text = await newestUpload(page).innerText();
      for (const word of words) assert.match(text, word);
      const rows = await newestUpload(page).locator('.faults tbody tr').evaluateAll((all) =>
        all.map((row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent)));
      assert.deepEqual(rows, [['2', 'a'], ['3', 'b'], ['4', 'c']]);
      await screenshot(page, `outcome-partly-${locale}`);
    }));
}

test('all were refused, until another look finds them applied', () =>
  visit(browser, {}, async (page) => {
    await outcome(page, { state: 'refused', more: 0, records: [{ index: 0, key: 'a', outcome: 'refused', reason: 'the login name is taken' }] });
    await send(page, 1);
    await reached(page, 'unapplied');
    assert.match(await newestUpload(page).innerText(), /Nenhum registro foi aplicado[\s\S]*este login já é de outra conta/);
    await screenshot(page, 'outcome-unapplied');
    await page.unroute('**/api/v1/uploads/**');
    await page.route('**/api/v1/uploads/**', (route) => route.fulfill({ json: { state: 'applied', records: [], more: 0 } }));
    await page.getByRole('button', { name: 'Verificar de novo' }).click();
    await reached(page, 'cached');
    assert.equal(await newestUpload(page).locator('.problem').count(), 0);
  }));

for (const status of [404, 503]) {
  test(`a service that does not know (${status}) leaves it to the batches`, () =>
    visit(browser, {}, async (page) => {
      await outcome(page, {}, status);
      await send(page);
      await reached(page, 'cached');
    }));
}

test('the slices of a file are counted as one', () =>
  visit(browser, {}, async (page) => {
    const sums = await page.evaluate(async () => {
      const { sumUp } = await import('/js/outcome.js');
      const slice = (before, state, indexes = [], more = 0) =>
        ({ before, state, more, records: indexes.map((index) => ({ index, key: `k${index}`, outcome: 'refused' })) });
      const sum = (...slices) => {
        const { state, notApplied, records } = sumUp(slices);
        return [state, notApplied, records.map(({ index }) => index)];
      };
      const many = Array.from({ length: 80 }, (_, index) => index);
      return [
        sum(slice(0, 'applied'), slice(10, 'applied')),
        sum(slice(0, 'applied'), slice(10, 'partly', [2], 3)),
        sum(slice(0, 'refused', [0]), slice(1, 'refused', [0])),
        sum(slice(0, 'refused', [0]), slice(1, 'applied')),
        sum(slice(0, 'applied'), slice(10, 'parked')).slice(0, 1),
        [sumUp([slice(0, 'refused', many), slice(80, 'refused', many)]).records.length],
      ];
    });
    assert.deepEqual(sums, [
      ['done', 0, []], ['partly', 4, [12]], ['unapplied', 2, [0, 1]], ['partly', 1, [0]], ['parked'], [100],
    ]);
  }));
