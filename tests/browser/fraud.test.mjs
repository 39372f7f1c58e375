// The fraud demo, as its users know it: from choosing a file to the red alert, and back to calm.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import {
  ask, becomes, desk, file, fits, kPhone, kWaitMs, launch, says, screenshot, sendAndReachCache, sendSample,
  storedText, transaction, visit, watchOnly,
} from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kElsewhere = 'Cidade B, Estado B, 2000';
const mood = (page, wanted) => page.locator(`.flags[data-mood="${wanted}"]`).waitFor();
const suspect = (page, key) => page.locator('.flag', { hasText: key });
const isFraud = async (page, key) =>
  (await ask(page, `/api/v1/views/transaction/check-fraud?transactionId=${encodeURIComponent(key)}`)).isFraud;
const isOver = async (page, key) => suspect(page, key).waitFor({ state: 'detached', timeout: 2 * kWaitMs });

/** Where the parts of the page stand: nothing may move them. */
const places = (page) => page.evaluate(() => ['#drop', '#send', '.flags', '.flags-list', '#panels', '[data-as="latest"]', '[data-as="arrivals"]']
  .map((what) => [what, document.querySelector(what).getBoundingClientRect()])
  .map(([what, { left, top, width, height }]) => [what, left + window.scrollX, top + window.scrollY, width, height].join(' ')));

async function sendTwice(page, record, change) {
  await sendAndReachCache(page, file('Dados.json', [record]));
  await sendAndReachCache(page, file('Dados - Fraude1.json', [{ ...record, ...change }]));
}

test('the same client in another city turns the watch red, with reasons and report, until the flag is over', () =>
  visit(browser, {}, async (page) => {
    const record = transaction();
    await watchOnly(page, (key) => key === record._id);
    await desk(page, 'empty');
    await mood(page, 'calm');
    await page.locator('[data-as="arrivals"][data-state="ready"]').waitFor();
    await page.locator('[data-as="latest"]:is([data-state="ready"], [data-state="empty"])').waitFor();
    const before = await places(page);
    await sendAndReachCache(page, file('Dados.json', [record]));
    assert.equal(await isFraud(page, record._id), false);
    assert.equal(await suspect(page, record._id).count(), 0);

    await sendAndReachCache(page, file('Dados - Fraude1.json', [{ ...record, endereco: kElsewhere }]));
    assert.equal(await isFraud(page, record._id), true);
    await suspect(page, record._id).getByText(kElsewhere).waitFor();
    assert.equal(await page.locator('.flags-title').innerText(), 'Suspeita de fraude detectada!');
    assert.match(await page.title(), /Suspeita de fraude detectada!/);
    const [red, green, blue] = await page.locator('.flags-title').evaluate((node) =>
      getComputedStyle(node).color.match(/\d+/g).map(Number));
    assert.ok(red > 2 * green && red > 2 * blue, `rgb(${red} ${green} ${blue})`);
    assert.deepEqual(await places(page), before);
    await page.locator(`[data-as="latest"] tr.at-fault[data-key="${record._id}"]`).first().waitFor();
    await screenshot(page, 'fraud');

    await isOver(page, record._id);
    await mood(page, 'calm');
    await becomes(() => page.title(), 'Comporta');
    assert.equal(await isFraud(page, record._id), false);
    assert.deepEqual(await places(page), before);
  }));

test('the report names what was compared, and leads to both objects', () =>
  visit(browser, {}, async (page) => {
    const record = transaction();
    await sendTwice(page, record, { endereco: kElsewhere });
    const download = page.waitForEvent('download');
    await suspect(page, record._id).getByRole('link', { name: 'Baixar relatório' }).click();
    const report = JSON.parse(await readFile(await (await download).path(), 'utf8'));
    assert.equal(report.transactionId, record._id);
    const [{ earlier, later, reasons }] = report.comparisons;
    assert.deepEqual([earlier.place, later.place], [record.endereco, kElsewhere]);
    assert.ok(reasons.length > 0);
    for (const [one, place] of [[earlier, record.endereco], [later, kElsewhere]]) {
      const line = JSON.parse((await storedText(page, one.object)).trim());
      assert.equal(line.records[0].endereco, place);
    }
  }));

test('an honest repeat stays calm', () =>
  visit(browser, {}, async (page) => {
    const record = transaction();
    await sendTwice(page, record, { email: 'outro@example.com' });
    assert.equal(await isFraud(page, record._id), false);
    assert.equal(await suspect(page, record._id).count(), 0);
  }));

test('the demo runs by the samples alone, in English, on a phone', () =>
  visit(browser, { locale: 'en', viewport: kPhone, hasTouch: true, isMobile: true }, async (page) => {
    await desk(page, 'empty');
    await screenshot(page, 'phone-calm-en');
    await sendSample(page, 'One transaction');
    await sendSample(page, 'The same client, in another city');
    await suspect(page, 'cliente1').getByText('Cidade B').waitFor();
    assert.equal(await page.locator('.flags-title').innerText(), 'Suspected fraud detected!');
    await fits(page);
    await screenshot(page, 'phone-fraud-en');
  }));

test('whoever has scrolled away from the watch is told, and led there', () =>
  visit(browser, { viewport: kPhone }, async (page) => {
    const record = transaction();
    await watchOnly(page, (key) => key === record._id);
    await mood(page, 'calm'); // those of other tests are not heard of
    await sendAndReachCache(page, file('Dados.json', [record]));
    await page.locator('[data-as="arrivals"]').scrollIntoViewIfNeeded();
    assert.ok(await page.locator('#alarm').isHidden());
    const body = JSON.stringify([{ ...record, endereco: kElsewhere }]);
    await page.request.post('/api/v1/records/transaction', { headers: { 'Content-Type': 'application/json' }, data: body });
    await page.locator('#alarm').click();
    await page.locator('#alarm').waitFor({ state: 'hidden' });
    const isInSight = () => page.locator('.flags-title').evaluate((node) => node.getBoundingClientRect().top < window.innerHeight);
    await becomes(isInSight, true);
  }));

test('on a phone the alarm, and whatever else is told, covers neither the head of the page nor each other', () =>
  visit(browser, { viewport: kPhone, hasTouch: true, isMobile: true }, async (page) => {
    const record = transaction();
    for (const data of [record, { ...record, endereco: kElsewhere }]) await page.request.post('/api/v1/records/transaction', { data });
    await page.locator('#alarm').waitFor();
    await suspect(page, record._id).getByText(kElsewhere).waitFor();
    assert.ok(await page.locator('.flags-list').evaluate((list) => list.scrollWidth <= list.clientWidth), 'a suspect is cut off');
    await page.context().setOffline(true);
    await page.locator('#offline').waitFor();
    assert.deepEqual(await violations(page), []);
    await screenshot(page, 'phone-toasts');
    const toasts = await page.locator('.toast:visible').evaluateAll((all) => all.map((node) => node.getBoundingClientRect()));
    assert.ok(toasts.length >= 2);
    toasts.slice(1).forEach(({ top }, index) => assert.ok(toasts[index].bottom <= top));
    await page.context().setOffline(false);
    await page.locator('#log-in').click();
    await page.locator('#login[open]').waitFor();
  }));

test('in the dark', () =>
  visit(browser, { colorScheme: 'dark' }, async (page) => {
    const record = transaction();
    await sendTwice(page, record, { endereco: kElsewhere });
    await suspect(page, record._id).getByText(kElsewhere).waitFor();
    await screenshot(page, 'dark-fraud');
  }));

test('without the service the watch says that it does not know, keeps what it knew, and recovers', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    await page.locator('.flags[data-state="ready"]').waitFor();
    await page.route('**/api/v1/{views,recent}/**', (route) => route.fulfill({ status: 503, body: '' }));
    await page.locator('.flags[data-state="unreachable"]').waitFor();
    await page.locator('[data-as="latest"][data-state="unreachable"]').waitFor();
    assert.notEqual(await page.locator('.flags').getAttribute('data-mood'), 'calm');
    await screenshot(page, 'unreachable');
    await page.unroute('**/api/v1/{views,recent}/**');
    await page.locator('.flags[data-state="ready"]').waitFor();
  }));

test('nothing is asked in a hidden tab, and at once when it is shown again', () =>
  visit(browser, {}, async (page) => {
    const hide = (hidden) => page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    const open = new Set();
    page.on('request', (request) => open.add(request));
    for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request));
    await watchOnly(page, () => false); // nor are the reports on those of other tests asked for
    await page.clock.install();
    await page.reload();
    await page.locator('.flags[data-state="ready"]').waitFor();
    await hide(true);
    await page.clock.runFor(5_000); // the pauses that had begun
    await becomes(() => open.size, 0);
    let asked = 0;
    page.on('request', () => { asked++; });
    await page.clock.runFor(60_000);
    assert.equal(asked, 0);
    const next = page.waitForRequest('**/api/v1/views/transaction/flags**');
    await hide(false);
    await next;
  }));

test('what has not changed is not sent again', () =>
  visit(browser, {}, async (page) => {
    const unchanged = await page.waitForResponse((response) => response.status() === 304 && response.url().includes('/views/'));
    assert.ok(await unchanged.request().headerValue('if-none-match'));
  }));

test('where nothing is computed there are no panels, and the rest works', () =>
  visit(browser, {}, async (page) => {
    await page.route('**/api/v1/kinds', async (route) => {
      const { kinds } = await (await route.fetch()).json();
      return route.fulfill({ json: { kinds: kinds.filter(({ name }) => name === 'transaction').map((kind) => ({ ...kind, views: [] })) } });
    });
    await page.route('**/api/v1/recent/**', (route) => route.fulfill({ status: 404, body: '' }));
    await page.reload();
    await desk(page, 'empty');
    for (const as of ['flags', 'latest', 'arrivals']) await page.locator(`[data-as="${as}"]`).waitFor({ state: 'hidden' });
    await sendAndReachCache(page, file('Dados.json', [transaction()]));
  }));

test('of many suspects the last twenty are shown, the newest first', () =>
  visit(browser, {}, async (page) => {
    const records = Array.from({ length: 25 }, () => transaction());
    await sendAndReachCache(page, file('muitos.json', records));
    await sendAndReachCache(page, file('de-longe.json', records.map((record) => ({ ...record, endereco: kElsewhere }))));
    await becomes(() => page.locator('.flag').count(), 20);
    await says(page.locator('.flags-note'), /mais de 20/);
  }));
