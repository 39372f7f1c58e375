// A file too large for one upload: sent in parts, interrupted, resumed.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  choose, desk, eventually, launch, newestUpload, reached, screenshot, sendButton, storedText, transaction, visit, withFolder,
} from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kRecords = '**/api/v1/records/transaction';
const kCount = 110_000; // three parts: 50,000, 50,000 and 10,000
const kWaitMs = 120_000;

/** Writes the file into `folder`, chooses it, and resolves to the keys of its records. */
async function chooseLarge(page, folder, changeOf = () => ({})) {
  const records = Array.from({ length: kCount }, (_, index) => transaction(changeOf(index)));
  const name = path.join(folder, 'enorme.ndjson');
  await writeFile(name, records.map((record) => JSON.stringify(record)).join('\n'));
  await choose(page, name);
  await page.locator('#drop[data-state="ready"]').waitFor({ timeout: kWaitMs });
  return records.map((record) => record._id);
}

/** The receipts that the page gets, and the key of every attempt, those too that get no answer. */
function watchUploads(page) {
  const seen = { keys: [], receipts: [] };
  page.on('request', (request) => {
    if (request.method() === 'POST') seen.keys.push(request.headers()['idempotency-key']);
  });
  page.on('response', async (response) => {
    if (response.request().method() === 'POST' && response.status() === 202) seen.receipts.push(await response.json());
  });
  return seen;
}

async function storedKeys(page, receipts) {
  const stored = [];
  for (const link of receipts.flatMap(({ links }) => links.objects)) {
    const lines = (await storedText(page, link)).split('\n').filter(Boolean);
    stored.push(...lines.flatMap((line) => JSON.parse(line).records.map((record) => record._id)));
  }
  return stored;
}

test('a large upload that is interrupted goes on where it stopped, and every record is in once', { timeout: 300_000 }, () =>
  visit(browser, {}, (page) => withFolder(async (folder) => {
    const seen = watchUploads(page);
    await page.route(kRecords, async (route) => {
      if (seen.keys.length !== 2) return route.continue();
      await page.context().setOffline(true);
      return route.abort('internetdisconnected');
    });
    const keys = await chooseLarge(page, folder);
    await sendButton(page).click();
    await page.locator('.upload[data-badge="waiting"]').waitFor({ timeout: kWaitMs });
    assert.match(await newestUpload(page).innerText(), /1 de 3 partes/);
    await screenshot(page, 'slices-offline');
    await page.context().setOffline(false);
    await page.locator('.upload[data-badge="cached"]').waitFor({ timeout: kWaitMs });
    await screenshot(page, 'slices-cached');

    assert.ok(seen.keys.filter((key) => key === seen.keys[1]).length > 1); // tried in vain, too, while offline
    assert.deepEqual(seen.keys.filter((key, index) => key !== seen.keys[index - 1]), [...new Set(seen.keys)]);
    assert.equal(new Set(seen.keys).size, 3);
    assert.match(await newestUpload(page).locator('.step').nth(1).innerText(), /110\.000 registros/);
    await eventually(async () => seen.receipts.length, (count) => count >= 3);
    assert.deepEqual((await storedKeys(page, seen.receipts)).sort(), keys.sort());
  })));

test('a part that is refused says what is in, and counts in the whole file', { timeout: 300_000 }, () =>
  visit(browser, {}, (page) => withFolder(async (folder) => {
    await desk(page, 'empty');
    await chooseLarge(page, folder, (index) => (index === 70_000 ? { email: 'sem arroba' } : {}));
    await sendButton(page).click();
    await page.locator('.upload[data-badge="refused"]').waitFor({ timeout: kWaitMs });
    const text = await newestUpload(page).innerText();
    assert.match(text, /70\.001\s+E-mail\s+email/);
    assert.match(text, /Os 50\.000 registros antes desta parte do arquivo já foram aceitos/);
    await screenshot(page, 'slices-refused');
  })));
