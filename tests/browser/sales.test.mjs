// Sales: sellers, products and orders come in, and the charts show what the API says.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  agree, ask, charted, choose, desk, eventually, file, fits, launch, says, screenshot, sendAndReachCache, sendButton,
  sendSample, tabled, visit,
} from './harness.mjs';
import { logIn, withAdmin } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const cents = (text) => Number(text.replace(/\D/g, ''));

const kSellers = '[data-view="order/sellers"]';
const kDays = '[data-view="order/by-day"]';
const kByDay = '/api/v1/views/order/by-day?limit=31';
const kLatest = '[data-as="latest"]';

/** The days as the page writes them, with their years if these differ. */
function perDay(days) {
  const years = new Set(days.map(({ date }) => date.slice(0, 4)));
  const year = years.size > 1 ? 'numeric' : undefined;
  const dayOf = new Intl.DateTimeFormat('pt-BR', { day: 'numeric', month: 'short', year, timeZone: 'UTC' });
  return days.map(({ date, orders }) => [dayOf.format(Date.parse(date)), orders]);
}

const busyDays = async (page) => (await charted(page, kDays)).filter(([, orders]) => orders !== null);

const chooseKind = (page, name) => page.locator('#kind').selectOption(name);

function shop() {
  const mark = crypto.randomUUID().slice(0, 8);
  return {
    seller: { id: `vendedor-${mark}`, name: `Loja ${mark}` },
    product: { id: `produto-${mark}`, title: 'Cadeira', price: 99_900_000, seller: `vendedor-${mark}` },
    order: {
      id: `pedido-${mark}`,
      client: 'ana',
      date: '2026-03-11T12:00:00-03:00',
      products: [`produto-${mark}`],
      credit_card: { card_number: '4111111111111111', cvv: '123', card_holder_name: 'ANA', exp_date: '12/30' },
    },
  };
}

/** Orders are their clients' own: to send those of others, and to see them come in, takes an admin. */
async function asAdmin(page) {
  await desk(page, 'empty');
  await logIn(page, await withAdmin(page));
}

async function sendOne(page, kind, record) {
  await chooseKind(page, kind);
  await sendAndReachCache(page, file(`${kind}.json`, [record]));
}

test('the samples lead to charts with the numbers of the API', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    await screenshot(page, 'dashboard-empty');
    await asAdmin(page);
    await sendSample(page, 'Três vendedores');
    await sendSample(page, 'Quatro produtos');
    await sendSample(page, 'Três pedidos');
    const [[bars]] = await agree(async () => {
      const { sellers } = await ask(page, '/api/v1/views/order/sellers?limit=10');
      const expected = sellers.map(({ seller_id, name, total_received }) => [name ?? seller_id, total_received]);
      const rows = (await tabled(page, kSellers)).map(([name, money]) => [name, cents(money)]);
      return [[await charted(page, kSellers), rows], [expected, expected]];
    });
    const [points] = await agree(async () => [await busyDays(page), perDay((await ask(page, kByDay)).days)]);
    assert.ok(bars.length > 0 && points.length > 0);
    await screenshot(page, 'sales');
    await page.locator('[data-language=en]').click();
    await says(page.locator(`${kSellers} .chart-table`), /R\$[\d,]+\.\d\d/);
    await screenshot(page, 'sales-en');
  }));

test('an order counts when its product is there, and says until then what it waits for', () =>
  visit(browser, {}, async (page) => {
    const { seller, product, order } = shop();
    await asAdmin(page);
    await sendOne(page, 'seller', seller);
    await chooseKind(page, 'order');
    await choose(page, file('pedido.json', [order]));
    await sendButton(page).click();
    const row = page.locator(`${kLatest} tr[data-key="${order.id}"]`);
    await row.getByText(`espera por Produto ${product.id}`).waitFor();
    await screenshot(page, 'order-waiting');
    await sendOne(page, 'product', product);
    await chooseKind(page, 'order');
    await row.getByText('sem prazo').waitFor();
    await eventually(() => charted(page, kSellers), (bars) => bars.some(([name, value]) => name === seller.name && value === product.price));
  }));

test('an order of another age does not hide the days of the others', () =>
  visit(browser, {}, async (page) => {
    await asAdmin(page);
    const { seller, product, order } = shop();
    await sendOne(page, 'seller', seller);
    await sendOne(page, 'product', product);
    const dates = ['2026-03-09T23:00:00-03:00', '2026-03-10T22:30:00-03:00', '2026-03-14T08:00:00-03:00',
      '2062-05-04T12:00:00-03:00'];
    await chooseKind(page, 'order');
    const orders = dates.map((date, index) => ({ ...order, id: `${order.id}-${index}`, date }));
    await sendAndReachCache(page, file('pedidos.json', orders));
    const { days } = await ask(page, kByDay);
    for (const date of dates) assert.ok(days.some((entry) => entry.date === date.slice(0, 10)), date);
    await agree(async () => {
      const expected = perDay((await ask(page, kByDay)).days);
      const [[before], [gap, none], [last]] = (await charted(page, kDays)).slice(-3).concat([[], [], []]);
      return [[await busyDays(page), await tabled(page, kDays), before, gap, none, last],
        [expected, expected.map(([label, count]) => [label, String(count)]), expected.at(-2)[0], '…', null, expected.at(-1)[0]]];
    });
    await screenshot(page, 'sales-far-off');
  }));

test('what comes in is counted as the API counts', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    const { seller } = shop();
    await chooseKind(page, 'seller');
    const total = page.locator('[data-as="arrivals"] tr[data-kind="seller"] td').last();
    await says(total, /\d/); // a rate is that of what has come since
    const many = Array.from({ length: 2_000 }, (_, index) => ({ ...seller, id: `${seller.id}-${index}` }));
    await sendAndReachCache(page, file('vendedores.json', many));
    const { counters } = await ask(page, '/api/v1/recent/seller?limit=1');
    await eventually(() => total.innerText(), (text) => cents(text) >= counters.records);
    const line = () => page.evaluate(() => globalThis.Chart.getChart(document.querySelector('[data-as="arrivals"] canvas')).data.datasets[0].data);
    await eventually(line, (rates) => rates.some((rate) => rate > 50));
  }));

test('without the chart library the numbers themselves are shown', () =>
  visit(browser, {}, async (page) => {
    await page.route('**/vendor/**', (route) => route.abort());
    const { seller, product, order } = shop();
    await page.reload();
    await asAdmin(page);
    await sendOne(page, 'seller', seller);
    await sendOne(page, 'product', product);
    await sendOne(page, 'order', order);
    const cell = page.locator(`${kSellers} .chart-table`).getByText(seller.name);
    await cell.waitFor();
    assert.ok((await cell.boundingBox()).width > 20);
    await screenshot(page, 'no-charts');
  }));

test('a wall screen shows all of it at once', () =>
  visit(browser, { viewport: { width: 2560, height: 1440 } }, async (page) => {
    await desk(page, 'empty');
    await page.locator('[data-as="latest"][data-state="ready"], [data-as="latest"][data-state="empty"]').waitFor();
    await screenshot(page, 'wall');
    await fits(page, 'Height');
  }));
