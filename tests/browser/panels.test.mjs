// The panels of pages beside tables: forms, charts, numbers, lookups and boards; and what each shows where it cannot.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import jsQR from 'jsqr';
import { violations } from './axe.mjs';
import {
  agree, ask, becomes, charted, eventually, fits, kPhone, launch, screenshot, tabled, visit,
} from './harness.mjs';
import { aStall, kTable, row, said, search, send, visitPage, visitStall } from './panels_harness.mjs';
import { logIn, logOut, withAccount } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kPie = '[data-as="pie"]';
const kBars = '[data-as="bars"]';
const kBoard = '[data-as="board"]';
const kForm = '#panels > [data-as="form"]';
const plain = (text) => text.replace(/\s/g, ' ');
const field = (page, member) => page.locator(`${kForm} [id$="-field-${member}"]`);
const card = (page, { id }) => page.locator(`${kBoard} [data-key="${id}"]`);
const columnOf = (page, stall) => card(page, stall).evaluate((node) => node.closest('.column').dataset.state);

async function fill(page, { id, name, size, rent }) {
  await field(page, 'id').fill(id);
  await field(page, 'name').fill(name);
  await field(page, 'size').selectOption(size);
  await field(page, 'rent').fill(rent);
}

/** Answers of the market's queries, of one kind of path. */
const answer = (page, path, reply) => page.route(`**/api/v1/views/${path}**`, (route) => route.fulfill(reply));

test('a number of an answer, and a note with others', () =>
  visitStall(browser, aStall(), {}, async (page) => {
    const panel = page.locator('[data-as="number"]');
    const shown = async () => [Number((await panel.locator('.big').innerText()).replace(/\D/g, '')),
      plain(await panel.locator('.panel-remark').innerText())];
    await agree(async () => {
      const { rent, stalls } = await ask(page, '/api/v1/views/stall/total');
      return [await shown(), [rent, `${stalls} bancas, R² 2,5%`]];
    });
  }));

test('a pie and bars show what the API says, in a table, too', () =>
  visitStall(browser, aStall({ rent: 99_000_000 }), {}, async (page) => {
    const words = { small: 'Pequena', large: 'Grande' };
    const share = new Intl.NumberFormat('pt-BR', { style: 'percent', maximumFractionDigits: 1 });
    const money = new Intl.NumberFormat('pt-BR', { style: 'currency', currency: 'BRL' });
    await agree(async () => {
      const { sizes } = await ask(page, '/api/v1/views/stall/sizes');
      const sum = sizes.reduce((all, { stalls }) => all + stalls, 0);
      return [[await charted(page, kPie), await tabled(page, kPie)], [sizes.map(({ size, stalls }) => [words[size], stalls]),
        sizes.map(({ size, stalls }) => [words[size], String(stalls), share.format(stalls / sum)])]];
    });
    assert.ok(await page.locator(`${kPie} table`).isVisible());
    await agree(async () => {
      const { rents } = await ask(page, '/api/v1/views/stall/rents?limit=10');
      return [[await charted(page, kBars), await tabled(page, kBars)], [rents.map(({ name, rent }) => [name, rent]),
        rents.map(({ name, rent }) => [name, money.format(rent / 100)])]];
    });
  }));

test('a form takes a record in, says what is wrong where it is, and shows what became of it', () =>
  visitPage(browser, '/market/', {}, async (page) => {
    const stall = aStall();
    const labels = await page.locator(`${kForm} label`).allInnerTexts();
    assert.ok(labels.includes('Aluguel') && !labels.includes('Paga'), labels.join());
    await fill(page, { ...stall, name: '', rent: 'muito' });
    await page.locator(`${kForm} [type=submit]`).click();
    const faults = () => page.locator(`${kForm} [aria-invalid=true]`).evaluateAll((nodes) => nodes.map(({ id }) => id.split('-').at(-1)));
    await becomes(faults, ['name', 'rent']);
    await screenshot(page, 'form-faults');
    await fill(page, { ...stall, rent: '1.050,5' });
    await page.locator(`${kForm} [type=submit]`).click();
    await said(page.locator(kForm), 'done').getByText('Feito.').waitFor();
    await becomes(faults, []);
    await becomes(() => field(page, 'name').inputValue(), '');
    const { record } = await ask(page, `/api/v1/records/stall/${stall.id}`);
    assert.deepEqual(record, { name: stall.name, size: 'small', rent: 105_050, paid: true });
    await search(page, stall.name);
    await row(page, stall).waitFor();
  }));

test('what the service finds wrong in a form stands at its field', () =>
  visitPage(browser, '/market/', {}, async (page) => {
    await page.route('**/api/v1/records/stall', (route) => route.fulfill({
      status: 422, json: { status: 422, errors: [{ index: 0, pointer: '/name', keyword: 'maxLength', detail: '' }] },
    }));
    await fill(page, { ...aStall(), rent: '10' });
    await page.locator(`${kForm} [type=submit]`).click();
    await page.locator(`${kForm} .field-fault`, { hasText: 'Texto longo demais' }).waitFor();
    await said(page.locator(kForm), 'refused').getByText('Nome: Texto longo demais.').waitFor();
    assert.equal(await field(page, 'rent').inputValue(), '10');
  }));

test('what is typed stays in another language, and an answer that got lost makes no second record', () =>
  visitPage(browser, '/market/', {}, async (page) => {
    const keys = [];
    await page.route('**/api/v1/records/stall', (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      return keys.length === 1 ? route.abort() : route.continue();
    });
    await fill(page, { ...aStall(), rent: '10' });
    await page.locator('[data-language=en]').click();
    await page.locator(`${kForm} h3`, { hasText: 'New stall' }).waitFor();
    await eventually(() => field(page, 'rent').inputValue(), (text) => text === '10');
    assert.equal(await field(page, 'size').inputValue(), 'small');
    await page.locator(`${kForm} [type=submit]`).click();
    await said(page.locator(kForm), 'refused').getByText('could not be reached').waitFor();
    await page.locator(`${kForm} [type=submit]`).click();
    await said(page.locator(kForm), 'done').waitFor();
    assert.equal(keys[0], keys[1]);
  }));

test('a card is moved by a button and by dragging; what is refused stays, with the reason', () => {
  const stall = aStall();
  return visit(browser, {}, async (page) => {
    await send(page, 'stall', stall);
    await send(page, 'stall-move', { stall: stall.id, state: 'closed' });
    await page.goto('/market/');
    await card(page, stall).getByRole('button', { name: `Mover ${stall.name} para: Guardada` }).click();
    await said(card(page, stall), 'refused').getByText('it is closed, so it cannot be packed').waitFor();
    assert.equal(await columnOf(page, stall), 'closed');
    await screenshot(page, 'board-refused');
    await card(page, stall).getByRole('button', { name: `Mover ${stall.name} para: Aberta` }).click();
    await eventually(() => columnOf(page, stall), (state) => state === 'open');
    await card(page, stall).dragTo(page.locator(`${kBoard} .column[data-state="packed"]`));
    await eventually(() => columnOf(page, stall), (state) => state === 'packed');
    await said(card(page, stall), 'done').waitFor();
    assert.deepEqual(await page.locator(`${kBoard} h4`).allInnerTexts(), ['Fechada', 'Aberta', 'Guardada']);
  });
});

/** What a reader sees in the QR code of the panel. */
async function readCode(page, panel) {
  const size = 400;
  const greys = await panel.locator('svg').evaluate(async (svg, side) => {
    const image = new Image();
    const markup = new XMLSerializer().serializeToString(svg);
    image.src = URL.createObjectURL(new Blob([markup.replace('<svg', `<svg width="${side}" height="${side}"`)], { type: 'image/svg+xml' }));
    await image.decode();
    const canvas = new OffscreenCanvas(side, side).getContext('2d');
    canvas.drawImage(image, 0, 0, side, side);
    const { data } = canvas.getImageData(0, 0, side, side);
    return Array.from({ length: side * side }, (_, at) => (data[4 * at + 3] > 0 && data[4 * at] < 128 ? '#' : ' ')).join('');
  }, size);
  return jsQR(Uint8ClampedArray.from({ length: 4 * size * size }, (_, at) => (greys[at >> 2] === '#' && at % 4 < 3 ? 0 : 255)), size, size)?.data;
}

test('a text as a QR code says the same to whoever has a camera, and whoever has none', () =>
  visitStall(browser, aStall(), { bypassCSP: true }, async (page) => {
    const panel = page.locator('[data-as="qr"]');
    const total = () => ask(page, '/api/v1/views/stall/total');
    let shown = await total(); // whatever other tests add meanwhile
    await page.route('**/api/v1/views/stall/total**', (route) => route.fulfill({ json: shown }));
    const { code } = shown;
    await panel.getByRole('img', { name: 'Cartaz' }).waitFor();
    await becomes(() => readCode(page, panel), code);
    await becomes(() => panel.getByRole('link').innerText(), code);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await panel.getByRole('button', { name: 'Copiar o texto' }).click();
    await panel.getByText('Copiado.').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await panel.getByRole('button', { name: 'Copiar o texto' }).click();
    await panel.getByText('Marcado: copie como qualquer texto.').waitFor();
    assert.equal(await page.evaluate(() => getSelection().toString()), code);
    await send(page, 'stall', aStall());
    shown = await total();
    const { code: next } = shown;
    await panel.getByText(next).waitFor();
    await becomes(() => readCode(page, panel), next);
    await page.route('**/vendor/**', (route) => route.abort());
    await page.reload();
    await panel.getByText(next).waitFor();
    assert.equal(await panel.locator('svg').count(), 0);
  }));

test('a lookup shows what a service outside said, how old that is, and whether it is still there', () =>
  visit(browser, {}, async (page) => {
    const lookup = { name: 'weather', title: { pt: 'Tempo', en: 'Weather' }, href: '/api/v1/lookups/stall/weather', parameters: [], result: [] };
    const panel = { as: 'lookup', lookup: 'stall/weather', values: [{ member: 'credit', as: 'money', title: { pt: 'Crédito', en: 'Credit' } }] };
    await page.route('**/api/v1/kinds', async (route) => {
      const { kinds } = await (await route.fetch()).json();
      const stall = kinds.find(({ name }) => name === 'stall');
      Object.assign(stall, { lookups: [lookup], page: { ...stall.page, panels: [panel] } });
      return route.fulfill({ json: { kinds } });
    });
    let reply = { json: { credit: 123_456, fetched_at: new Date(Date.now() - 570_000).toISOString(), stale: true } };
    await page.route('**/api/v1/lookups/**', (route) => route.fulfill(reply));
    await page.goto('/market/');
    const shown = page.locator('[data-as="lookup"]');
    await shown.getByText('O serviço não responde; isto é o que ele disse há 10').waitFor();
    assert.match(plain(await shown.innerText()), /Tempo[\s\S]*Crédito[\s\S]*R\$ 1\.234,56/);
    await screenshot(page, 'lookup-stale');
    reply = { status: 503, json: { status: 503 } };
    await page.reload();
    await shown.getByText('O serviço não responde.').waitFor();
  }));

test('a panel says that it is loading, that there is nothing, and that it cannot be asked so', () =>
  visit(browser, {}, async (page) => {
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    await page.route('**/api/v1/views/stall/rents**', async (route) => {
      await released;
      await route.fulfill({ json: { rents: [] } });
    });
    await answer(page, 'stall/sizes', { json: { sizes: [{ size: 'small', stalls: 0 }] } });
    await answer(page, 'stall/list', { status: 400, json: { status: 400, detail: 'month: must be 7 bytes' } });
    await page.goto('/market/');
    await page.locator(`${kBars}[data-state="loading"] .sheet-hint`, { hasText: 'Carregando…' }).waitFor();
    await page.locator(`${kPie}[data-state="empty"]`, { hasText: 'Nada aqui ainda.' }).waitFor();
    await page.locator(`${kTable}[data-state="refused"]`, { hasText: 'month: must be 7 bytes' }).waitFor();
    await screenshot(page, 'panel-states');
    assert.deepEqual(await violations(page), []);
    release();
    await page.locator(`${kBars}[data-state="empty"]`).waitFor();
  }));

test('a panel that gets no answer keeps what it knew, and recovers; a query that is not there has no panel', () =>
  visitStall(browser, aStall(), {}, async (page) => {
    await page.locator(`${kBars}[data-state="ready"]`).waitFor();
    await page.route('**/api/v1/views/**', (route) => route.fulfill({ status: 503, body: '' }));
    await page.locator(`${kBars}[data-state="unreachable"] canvas`).waitFor();
    assert.match(await page.locator(`${kBars} .panel-note`).innerText(), /Sem resposta/);
    await screenshot(page, 'panels-unreachable');
    await page.reload();
    await page.locator(`${kBars}[data-state="unreachable"] .sheet-hint`, { hasText: 'O serviço não responde.' }).waitFor();
    await page.unroute('**/api/v1/views/**');
    await page.locator(`${kBars}[data-state="ready"]`).waitFor();
    await page.route('**/api/v1/views/stall/rents**', (route) => route.fulfill({ status: 404, json: { status: 404 } }));
    await page.reload();
    await page.locator(kBars).waitFor({ state: 'hidden' });
  }));

test('what only others see asks for a login, and is there after it; who leaves leaves nothing behind', () =>
  visitPage(browser, '/market/', {}, async (page) => {
    await page.route('**/api/v1/views/stall/rents**', async (route) => {
      if (await route.request().headerValue('authorization')) return route.continue();
      return route.fulfill({ status: 401, json: { status: 401 } });
    });
    await page.reload();
    const panel = page.locator(`${kBars}[data-state="locked"]`);
    await panel.getByRole('button', { name: 'Entrar' }).click();
    await page.locator('#login[open]').waitFor();
    await page.locator('#login [data-close]').click();
    await send(page, 'stall', aStall());
    await logIn(page, await withAccount(page));
    await page.locator(`${kBars}[data-state="ready"]`).waitFor();
    await field(page, 'name').fill('meu');
    await logOut(page);
    await eventually(() => field(page, 'name').inputValue(), (text) => text === '');
  }));

test('nothing is asked of panels in a hidden tab, nor of a page that was left', () =>
  visitPage(browser, '/market/', {}, async (page) => {
    await page.locator(`${kPie} canvas, ${kPie} .sheet-hint`).first().waitFor();
    await page.clock.install();
    await page.locator('#menu').getByText('Transações').click();
    await page.locator('.flags[data-state="ready"]').waitFor();
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.clock.runFor(20_000);
    await eventually(async () => asked.length, (count) => count > 10);
    assert.deepEqual(asked.filter((path) => path.includes('/stall') && path.includes('/views/')), []);
  }));

for (const options of [{ locale: 'pt-BR' }, { locale: 'en', colorScheme: 'dark' }, { locale: 'pt-BR', viewport: kPhone, hasTouch: true, isMobile: true }]) {
  const name = ['market', options.locale, options.colorScheme ?? 'light', options.isMobile ? 'phone' : 'desk'].join('-');
  test(`a page with all panels is accessible: ${name}`, () => {
    const stall = aStall({ since: '2026-03-11', site: 'https://example.com' });
    return visitStall(browser, stall, options, async (page) => {
      const look = async (what) => {
        assert.deepEqual(await violations(page), [], what);
        await fits(page);
        await screenshot(page, `${name}-${what}`);
      };
      await send(page, 'stall-move', { stall: stall.id, state: 'closed' });
      await card(page, stall).waitFor();
      await look('page');
      await row(page, stall).locator('.open').click();
      await page.locator('.opened form input').waitFor();
      await page.locator(`${kForm} [type=submit]`).click();
      await look('opened');
      await row(page, stall).locator('button:not(.open)').first().click();
      await page.locator('#row-form-field-name').fill('');
      await page.locator('#row-form-send').click();
      await look('edit');
    });
  });
}
