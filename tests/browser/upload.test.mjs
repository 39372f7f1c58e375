// Sending files that are right, and following them to the cache.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  becomes, choose, desk, dropText, file, fits, kPhone, launch, newestUpload, reached, screenshot, sendAndReachCache,
  sendButton, storedText, transaction, visit, withFolder,
} from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('a chosen file goes through every stage, its object opens, its key runs down', () =>
  visit(browser, {}, async (page) => {
    const record = transaction();
    await choose(page, file('Dados.json', [record]));
    await desk(page, 'ready');
    assert.match(await dropText(page), /Dados\.json[\s\S]*1 registro/);
    assert.match(await page.locator('#sheet tbody').innerText(), new RegExp(record._id));
    await screenshot(page, 'chosen');
    await sendButton(page).click();
    await reached(page, 'cached');

    const states = () => newestUpload(page).locator('.step').evaluateAll((steps) => steps.map((s) => s.dataset.state));
    await becomes(states, ['done', 'done', 'done', 'done']);
    const left = newestUpload(page).locator('.keys [data-state="live"] .left');
    await left.waitFor();
    const seconds = Number((await left.innerText()).match(/\d+/)[0]);
    assert.ok(seconds > 0 && seconds <= 60, `${seconds} s left`);
    await page.waitForFunction(([node, first]) => Number(node.textContent.match(/\d+/)?.[0] ?? 0) < first,
      [await left.elementHandle(), seconds]);
    await screenshot(page, 'cached');

    const object = await storedText(page, await newestUpload(page).locator('.links a').getAttribute('href'));
    const line = JSON.parse(object.trim());
    assert.deepEqual(line.records, [record]);
    assert.equal(line.upload, await newestUpload(page).locator('.foot code').innerText());
  }));

test('a dropped file is taken wherever on the page it is let go', () =>
  visit(browser, {}, (page) => withFolder(async (folder) => {
    const dropped = path.join(folder, 'solto.ndjson');
    await writeFile(dropped, [transaction(), transaction()].map((record) => JSON.stringify(record)).join('\n'));
    await desk(page, 'empty');
    const mouse = await page.context().newCDPSession(page);
    const data = { items: [], files: [dropped], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver']) {
      await mouse.send('Input.dispatchDragEvent', { type, x: 300, y: 700, data });
    }
    await page.locator('#drop[data-dragging]').waitFor();
    await screenshot(page, 'dragging');
    await mouse.send('Input.dispatchDragEvent', { type: 'drop', x: 300, y: 700, data });
    await desk(page, 'ready');
    assert.match(await dropText(page), /solto\.ndjson[\s\S]*2 registros/);
    await sendButton(page).click();
    await reached(page, 'cached');
  })));

test('the keyboard alone is enough', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    const tabTo = async (selector) => {
      for (let presses = 0; presses < 20; presses++) {
        if (await page.locator(selector).first().evaluate((node) => node === document.activeElement)) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`Tab never reaches ${selector}`);
    };
    const chooser = page.waitForEvent('filechooser'); // well before Enter: listening takes a round trip
    await tabTo('#file');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(file('teclado.json', transaction()));
    await desk(page, 'ready');
    await tabTo('#send');
    await screenshot(page, 'keyboard');
    await page.keyboard.press('Enter');
    await reached(page, 'cached');
    await tabTo('.upload summary');
    await page.keyboard.press('Enter');
    await page.locator('li:first-child > .upload:not([open])').waitFor();
  }));

test('a sample is one click away', () =>
  visit(browser, {}, async (page) => {
    await page.locator('#samples button').first().click();
    await desk(page, 'ready');
    await sendButton(page).click();
    await reached(page, 'cached');
  }));

test('gzip is read before sending, and sent as it is', () =>
  visit(browser, {}, async (page) => {
    const lines = gzipSync(`${JSON.stringify(transaction())}\n${JSON.stringify(transaction())}\n`);
    const request = page.waitForRequest('**/api/v1/records/**');
    await sendAndReachCache(page, file('dados.jsonl.gz', lines));
    assert.equal(await (await request).headerValue('content-encoding'), 'gzip');
    assert.match(await newestUpload(page).locator('summary').innerText(), /2 registros/);
  }));

test('lines in a file named .json are sent as what they are', () =>
  visit(browser, {}, async (page) => {
    const lines = `\ufeff${JSON.stringify(transaction())}\r\n${JSON.stringify(transaction())}\r\n`;
    const request = page.waitForRequest('**/api/v1/records/**');
    await sendAndReachCache(page, file('exportado.json', lines));
    assert.equal(await (await request).headerValue('content-type'), 'application/x-ndjson');
    assert.match(await newestUpload(page).locator('summary').innerText(), /2 registros/);
  }));

test('many records: the first hundred are shown, all are sent', () =>
  visit(browser, {}, async (page) => {
    const records = Array.from({ length: 2500 }, () => transaction());
    await sendAndReachCache(page, file('muitos.json', records));
    assert.equal(await page.locator('#sheet tbody tr').count(), 100);
    assert.match(await page.locator('#sheet-note').innerText(), /100 de 2\.500/);
    assert.match(await newestUpload(page).locator('.step').nth(1).innerText(), /2\.500 registros/);
    await screenshot(page, 'many');
  }));

test('a phone shows everything without scrolling sideways', () =>
  visit(browser, { viewport: kPhone, hasTouch: true, isMobile: true }, async (page) => {
    await desk(page, 'empty');
    await fits(page);
    await screenshot(page, 'phone-empty');
    await sendAndReachCache(page, file('um arquivo com um nome muito comprido mesmo.json', [transaction()]));
    await newestUpload(page).locator('.keys [data-state="live"]').waitFor();
    await fits(page);
    await screenshot(page, 'phone-cached');
  }));

test('dark where the system is dark', () =>
  visit(browser, { colorScheme: 'dark' }, async (page) => {
    await sendAndReachCache(page, file('Dados.json', [transaction(), transaction()]));
    await newestUpload(page).locator('.keys [data-state="live"]').first().waitFor();
    const [ground, ink] = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color].map((rgb) => rgb.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0));
    });
    assert.ok(ground < 150 && ink > 600, `ground ${ground}, ink ${ink}`);
    await screenshot(page, 'dark-cached');
  }));

test('accepted uploads outlive a reload of the page', () =>
  visit(browser, {}, async (page) => {
    await sendAndReachCache(page, file('Dados.json', [transaction()]));
    await page.reload();
    await reached(page, 'cached');
    assert.match(await newestUpload(page).innerText(), /Dados\.json/);
  }));
