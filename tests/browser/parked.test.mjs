// What was accepted and then put aside is shown as that, with the reason; what was put aside of others is not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { choose, desk, file, launch, newestUpload, reached, screenshot, sendButton, transaction, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Answers whoever asks for an upload or a batch that a part of it is parked: of the upload that was sent last, or of another one. */
async function parkInEveryBatch(page, reason, ofOthers = false) {
  let upload;
  await page.route('**/api/v1/records/*', async (route) => {
    const response = await route.fetch();
    ({ upload } = await response.json());
    return route.fulfill({ response });
  });
  const outcome = ofOthers ? { status: 404, json: {} } : { json: { upload, state: 'parked', records: [], more: 0 } };
  await page.route('**/api/v1/uploads/**', (route) => route.fulfill(outcome));
  await page.route('**/api/v1/batches/*', (route) => route.fulfill({ json: {
    batch: route.request().url().split('/').at(-1), state: 'parked', applied: false,
    applied_at: '2026-11-22T14:03:05.123Z', parts: 0, records: 0,
    parked: [{ upload: ofOthers ? crypto.randomUUID() : upload, part: 1, reason }],
  } }));
}

async function send(page, badge) {
  await choose(page, file('Dados.json', [transaction()]));
  await desk(page, 'ready');
  await sendButton(page).click();
  await reached(page, badge);
  return newestUpload(page).innerText();
}

for (const [locale, reason, words] of [
  ['pt-BR', 'conflict: another upload came', /Retido[\s\S]*não aplicado: outro envio já usou a mesma chave/],
  ['en', 'views: record 0: why', /Set aside[\s\S]*not applied: computing the views failed/],
  ['en', 'unknown kind', /not applied: unknown kind/],
]) {
  test(`an upload that was put aside says so and why: ${reason} in ${locale}`, () =>
    visit(browser, { locale }, async (page) => {
      await parkInEveryBatch(page, reason);
      assert.match(await send(page, 'parked'), words);
      await screenshot(page, `parked-${locale}`);
      await page.unroute('**/api/v1/uploads/**');
      await page.unroute('**/api/v1/batches/*');
      await newestUpload(page).locator('button.small').click();
      await reached(page, 'cached');
    }));
}

test('what was put aside of another upload in the same batch is not ours', () =>
  visit(browser, {}, async (page) => {
    await parkInEveryBatch(page, 'conflict: another upload came', true);
    await send(page, 'cached');
  }));
