// A page on a wall: it stays open for days, and nothing that it adds may stay behind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, launch, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kPolls = 60; // of each kind of record; with the others some 350
const kSlack = 30; // what may be there of what is just going on

/** Runs before the page's own scripts: counts what is added to what lasts as long as the page, and not taken away. */
function countWhatStays() {
  const lasting = new Map([[window, 'window'], [document, 'document']]);
  const added = new Map(); // name -> Set of [type, listener]
  const add = EventTarget.prototype.addEventListener;
  const remove = EventTarget.prototype.removeEventListener;
  const placeOf = (target, type) => `${lasting.get(target) ?? target.constructor.name} ${type}`;
  const forget = (place, listener) => added.get(place)?.delete(listener);
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const isLasting = lasting.has(this) || this instanceof AbortSignal || this instanceof MediaQueryList;
    if (!isLasting || !listener) return add.call(this, type, listener, options);
    const place = placeOf(this, type);
    if (!added.has(place)) added.set(place, new Set());
    added.get(place).add(listener);
    if (options?.signal) add.call(options.signal, 'abort', () => forget(place, listener));
    if (options?.once) add.call(this, type, () => forget(place, listener), { once: true, signal: options.signal });
    return add.call(this, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    forget(placeOf(this, type), listener);
    return remove.call(this, type, listener, options);
  };
  globalThis.whatStays = () => Object.fromEntries([...added].map(([place, { size }]) => [place, size]));
}

/** How much there is after a garbage collection, by Chromium's own count. */
async function metrics(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  for (let times = 0; times < 3; times++) await session.send('HeapProfiler.collectGarbage');
  const { metrics: all } = await session.send('Performance.getMetrics');
  await session.detach();
  const of = (name) => all.find((metric) => metric.name === name).value;
  return { listeners: of('JSEventListeners'), nodes: of('Nodes') };
}

/** Lets so many polls of that address go by, on the page's clock. */
async function polls(page, count, path) {
  let seen = 0;
  const counted = (response) => { if (response.url().includes(path)) seen += 1; };
  page.on('response', counted);
  const passing = async () => {
    await page.clock.runFor(1_000);
    return seen;
  };
  for (let wanted = 1; wanted <= count; wanted++) await eventually(passing, (enough) => enough >= wanted);
  page.off('response', counted);
}

async function visitWall(answer, use, path = '/') {
  await visit(browser, { viewport: { width: 2560, height: 1440 } }, async (page) => {
    await page.addInitScript(countWhatStays);
    if (answer) await page.route('**/api/v1/{recent,views}/**', answer);
    await page.clock.install();
    await page.goto(path);
    await page.locator('[data-as="arrivals"], [data-as="board"]').first().waitFor();
    await use(page);
  });
}

/** Answers of which none is like the one before. */
function everChanging() {
  let number = 0;
  const at = (seconds) => new Date(Date.now() + 1000 * seconds).toISOString();
  const record = (index) => ({
    key: `k${index}`, arrived_at: at(0), expires_at: at(60), outcome: index % 3 === 0 ? 'refused' : 'applied',
    record: { cliente: `c${index}` },
  });
  const many = (count, of) => Array.from({ length: count }, (_, index) => of(number + index));
  const answers = {
    recent: () => ({ counters: { records: number }, records: many(12, record) }),
    flags: () => ({ flags: many(3, (index) => ({ transactionId: `k${index}`, flagged_at: at(0), flagged_until: at(60) })) }),
    report: () => ({ comparisons: [{
      reasons: [{ rule: 'window', apart_seconds: number, limit_seconds: 60 }],
      earlier: { place: 'A', arrived_at: at(0), object: '/a' },
      later: { place: 'B', arrived_at: at(1), object: '/b' },
    }] }),
    refused: () => ({ records: many(4, (index) => ({ key: `k${index}`, reason: 'x', waits_for: { kind: 'product', key: 'p' } })) }),
    sellers: () => ({ sellers: many(5, (index) => ({ seller_id: `s${index}`, name: null, total_received: index })) }),
    sizes: () => ({ sizes: many(2, (index) => ({ size: `s${index}`, stalls: index })) }),
    rents: () => ({ rents: many(5, (index) => ({ name: `s${index}`, rent: index })) }),
    total: () => ({ rent: number, stalls: number, let: 0.5 }),
    board: () => ({ stalls: many(5, (index) => ({ id: `s${index}`, name: `s${index}`, state: 'open' })) }),
    counter: () => ({ orders: many(9, (index) => ({ id: `o${index}`, number: index, state: index % 2 ? 'preparing' : 'ready' })) }),
    list: () => ({ stalls: many(5, (index) => ({ id: `s${index}`, name: `s${index}`, rent: index, size: 'small' })) }),
    purchases: () => ({ purchases: many(5, (index) => ({ id: `o${index}`, date: at(0), total: index, card: '1' })) }),
    'by-day': () => ({ days: many(9, (index) => ({ date: at(index * 86_400).slice(0, 10), orders: index })) }),
  };
  return (route) => {
    number += 1;
    const [, group, , view] = new URL(route.request().url()).pathname.match(/v1\/(\w+)\/([\w-]+)\/?([\w-]*)/);
    return route.fulfill({ json: answers[group === 'recent' ? group : view](), headers: { ETag: `"${number}"` } });
  };
}

const kWalls = {
  'polls': [null, '/', '/recent/transaction'],
  'polls with ever new answers': [everChanging(), '/', '/recent/transaction'],
  'polls of a page with all panels': [everChanging(), '/market/', '/views/stall/rents'],
  'polls of the screen above the counter': [everChanging(), '/counter/', '/views/snack-order/counter'],
};

const counts = async (page) => ({ ...await page.evaluate(() => globalThis.whatStays()), ...await metrics(page) });

/** What has grown, once what Chromium has not collected yet is gone: [name, before, now]. */
async function grown(before, look) {
  for (let tries = 1; ; tries++) {
    const found = Object.entries(await look())
      .map(([name, now]) => [name, before[name] ?? 0, now])
      .filter(([, was, now]) => now > was + kSlack);
    if (found.length === 0 || tries === 10) return found;
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
}

/** What grows with each of three uses: a panel that is drawn late, on a busy machine, comes once, a leak every time. */
async function leaks(use, look) {
  let suspects;
  for (let times = 0; times < 3; times++) {
    const before = await look();
    await use();
    const found = await grown(before, look);
    suspects = found.filter(([name]) => !suspects || suspects.some(([other]) => other === name));
    if (suspects.length === 0) break;
  }
  return suspects;
}

for (const [what, [answer, path, counted]] of Object.entries(kWalls)) {
  test(`${what} leave nothing behind`, { timeout: 240_000 }, () => visitWall(answer, async (page) => {
    await polls(page, kPolls / 2, counted);
    assert.deepEqual(await leaks(() => polls(page, kPolls, counted), () => counts(page)), []);
  }, path));
}

test('pages that come and go leave nothing behind', { timeout: 240_000 }, () => visitWall(null, async (page) => {
  const round = async () => {
    for (const [link, panel] of [['Feira', '[data-as="board"]'], ['Loja', '[data-as="bars"]'], ['Transações', '.flags'], ['Enviar', '.flags']]) {
      await page.locator('#menu').getByText(link, { exact: true }).click();
      await page.locator(panel).first().waitFor();
      await page.clock.runFor(1_000);
    }
    await page.locator('[data-language=en]').click();
    await page.locator('[data-language=pt]').click();
  };
  const settled = async () => {
    await page.clock.runFor(20_000); // what had begun when a page was left ends by then
    return counts(page);
  };
  for (let times = 0; times < 3; times++) await round();
  const rounds = async () => { for (let times = 0; times < 12; times++) await round(); };
  assert.deepEqual(await leaks(rounds, settled), []);
}));
