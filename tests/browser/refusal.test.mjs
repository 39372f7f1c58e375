// Files that are wrong, and a service that is away: what the page says, and what it does not send.

import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  becomes, choose, desk, dropText, file, kPhone, launch, newestUpload, reached, says, screenshot, sendButton, transaction, visit,
  withFolder,
} from './harness.mjs';
import { logIn, withAdmin } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kRecords = '**/api/v1/records/transaction';

test('each invalid record is named with its number, field and reason', () =>
  visit(browser, {}, async (page) => {
    const records = [transaction(), transaction({ email: 'sem arroba' }), transaction({ isActive: 'sim' })];
    await choose(page, file('errado.json', records));
    await desk(page, 'ready');
    await sendButton(page).click();
    await reached(page, 'refused');
    const rows = await newestUpload(page).locator('.faults tbody tr').evaluateAll((all) =>
      all.map((row) => [...row.cells].map((cell) => cell.innerText)));
    assert.deepEqual(rows.map(([record, field]) => [record, field]), [['2', 'E-mail email'], ['3', 'Ativo isActive']]);
    assert.match(rows[1][2], /Tipo de valor errado/);
    await becomes(() => page.locator('#sheet td.at-fault').count(), 2);
    await screenshot(page, 'refused');
    await page.locator('[data-language=en]').click();
    await says(newestUpload(page).locator('.faults'), /Wrong type of value/);
    await page.setViewportSize(kPhone);
    await screenshot(page, 'phone-refused-en');
  }));

test('a refusal says where, what is wrong and what would be right, in plain words', () =>
  visit(browser, {}, async (page) => {
    const card = { card_number: '4539 578', card_holder_name: '', exp_date: '2029-12' };
    await logIn(page, await withAdmin(page)); // who may send orders of others
    await page.locator('#kind').selectOption('order');
    await choose(page, file('pedido.json', [{ id: 'p1', client: 'ana', products: [], credit_card: card },
      { id: 'p2', client: 'ana', products: ['pao'], date: 'ontem', credit_card: { ...card, card_number: '4539578763621486' } },
      { id: 'p3', client: 5, products: ['pao'], credit_card: card, troco: 1 }]));
    await desk(page, 'ready');
    await sendButton(page).click();
    await reached(page, 'refused');
    const faults = newestUpload(page).locator('.faults tbody tr');
    const texts = await faults.allInnerTexts();
    assert.equal(texts.length, 3);
    const said = { Produtos: 'Itens de menos: no mínimo 1', Data: 'data, hora e fuso, como 2026', Cliente: 'deveria ser um texto' };
    for (const [label, right] of Object.entries(said)) {
      assert.ok(texts.some((text) => text.includes(label) && text.includes(right)), JSON.stringify([label, texts]));
    }
    await screenshot(page, 'refused-order');
    await choose(page, file('cartao.json', [{ id: 'p4', client: 'ana', products: ['pao'], credit_card: card }]));
    await desk(page, 'ready');
    await sendButton(page).click();
    await newestUpload(page).getByText('de 12 a 19 algarismos').waitFor();
    assert.match(await newestUpload(page).locator('.faults').innerText(), /Número credit_card\.card_number/);
    await page.locator('[data-language=en]').click();
    const english = await says(newestUpload(page).locator('.faults'), /Not in the expected form: 12 to 19 digits, nothing else/);
    assert.doesNotMatch(english, /\[0-9\]/);
  }));

const kUnreadable = [
  ['quebrado.json', '[\n  {"_id": "a"},\n  {"_id" "b"}\n]', /Linha 3, coluna 10: faltam dois-pontos/],
  ['truncado.json', '[{"_id": "a"}', /Linha 1, coluna 14: o arquivo termina antes/],
  ['linhas.ndjson', '{"_id": "a"}\n\n{"_id": }\n', /Linha 3, coluna 9: .*valor/],
  ['vazio.json', '[]', /não tem nenhum registro/],
  ['nada.json', '', /não tem nenhum registro/],
  ['numeros.json', '[{"_id": "a"}, 2]', /Registro 2: não é um objeto/],
  ['latin1.json', Buffer.from([0x22, 0xe7, 0x22]), /não está em UTF-8/],
  ['falso.json.gz', 'isto não é gzip', /não é gzip/],
  ['foto.png', 'x', /Escolha um arquivo \.json/],
  ['fundo.json', '['.repeat(200_000), /coluna 200\.001: o arquivo termina antes/],
];

test('a file that cannot be read is explained, and cannot be sent', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    for (const [name, content, explanation] of kUnreadable) {
      await choose(page, file(name, content));
      await page.locator('#drop-title', { hasText: name }).waitFor();
      await desk(page, 'faulty');
      assert.match(await dropText(page), explanation);
      assert.ok(await sendButton(page).isDisabled(), name);
    }
    await choose(page, file(kUnreadable[0][0], kUnreadable[0][1]));
    await desk(page, 'faulty');
    await screenshot(page, 'faulty');
    await choose(page, file('certo.json', transaction()));
    await desk(page, 'ready');
    assert.ok(await sendButton(page).isEnabled());
  }));

test('a record over the limit of an upload is told, and a file over every limit not even read', () =>
  visit(browser, {}, (page) => withFolder(async (folder) => {
    const large = path.join(folder, 'grande.json');
    await writeFile(large, Buffer.alloc(33 * 1024 * 1024, ' '));
    const huge = path.join(folder, 'imenso.json');
    await writeFile(huge, '[]');
    await truncate(huge, 1024 ** 3 + 1); // takes no room on the disk
    await desk(page, 'empty');
    await choose(page, large);
    await desk(page, 'faulty');
    assert.match(await dropText(page), /nenhum envio leva mais de 32 MiB/);
    await choose(page, huge);
    await page.locator('#drop-title', { hasText: 'imenso.json' }).waitFor();
    await desk(page, 'faulty');
    assert.match(await dropText(page), /passa do limite de 1 GiB/);
  })));

test('a syntax error that only the service finds is shown with line and column', () =>
  visit(browser, {}, async (page) => {
    await page.route(kRecords, (route) => route.fulfill({
      status: 400,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 400, title: 'Not JSON', detail: 'lone surrogate', line: 3, column: 5 }),
    }));
    await choose(page, file('Dados.json', transaction()));
    await sendButton(page).click();
    await reached(page, 'refused');
    assert.match(await newestUpload(page).innerText(), /Linha 3, coluna 5: lone surrogate/);
  }));

test('markup in records stays text', () =>
  visit(browser, {}, async (page) => {
    await choose(page, file('Dados.json', transaction({ cliente: '<img src=x onerror=alert(1)>' })));
    await desk(page, 'ready');
    assert.equal(await page.locator('#sheet img').count(), 0);
    assert.match(await page.locator('#sheet').innerText(), /<img src=x/);
  }));

test('a refusal for now is repeated with the same key, as late as the service asks', () =>
  visit(browser, {}, async (page) => {
    const keys = [];
    await page.route(kRecords, async (route) => {
      keys.push(await route.request().headerValue('idempotency-key'));
      if (keys.length > 1) return route.continue();
      return route.fulfill({ status: 503, headers: { 'Retry-After': '25' }, body: '' });
    });
    await page.clock.install();
    await page.reload();
    await choose(page, file('Dados.json', transaction()));
    await sendButton(page).click();
    await reached(page, 'waiting');
    assert.match(await newestUpload(page).innerText(), /Tentativa 2 de 6 em \d+\ss/);
    assert.ok(await sendButton(page).isDisabled());
    await screenshot(page, 'waiting');
    assert.equal(keys.length, 1);
    await page.clock.fastForward(26_000);
    await reached(page, 'cached');
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.match(keys[0], /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }));

test('after the last attempt the page gives up, and repeats on request with the same key', () =>
  visit(browser, {}, async (page) => {
    const keys = [];
    await page.route(kRecords, async (route) => {
      keys.push(await route.request().headerValue('idempotency-key'));
      // So that each attempt is seen to be waited for: by itself the page would not wait for long at first.
      return keys.length > 6 ? route.continue() : route.fulfill({ status: 503, headers: { 'Retry-After': '25' }, body: '<html>' });
    });
    await page.clock.install();
    await page.reload();
    await choose(page, file('Dados.json', transaction()));
    await sendButton(page).click();
    for (let attempt = 2; attempt <= 6; attempt++) {
      await newestUpload(page).getByText(`Tentativa ${attempt} de 6`).waitFor();
      await page.clock.fastForward(31_000);
    }
    await reached(page, 'failed');
    assert.match(await newestUpload(page).innerText(), /sobrecarregado/);
    await screenshot(page, 'failed');
    await newestUpload(page).getByRole('button', { name: 'Tentar de novo' }).click();
    await reached(page, 'cached');
    assert.equal(keys.length, 7);
    assert.equal(new Set(keys).size, 1);
  }));

test('a cancelled upload can be sent again, with the same key', () =>
  visit(browser, {}, async (page) => {
    const keys = [];
    let hold;
    const held = new Promise((resolve) => { hold = resolve; });
    await page.route(kRecords, async (route) => {
      keys.push(await route.request().headerValue('idempotency-key'));
      if (keys.length > 1) return route.continue();
      await held;
      return route.abort();
    });
    await choose(page, file('Dados.json', transaction()));
    await sendButton(page).click();
    await reached(page, 'sending');
    await newestUpload(page).getByRole('button', { name: 'Cancelar' }).click();
    await reached(page, 'cancelled');
    hold();
    await screenshot(page, 'cancelled');
    await newestUpload(page).getByRole('button', { name: 'Tentar de novo' }).click();
    await reached(page, 'cached');
    assert.equal(keys[0], keys[1]);
  }));

test('a key that has run out is shown as expired', () =>
  visit(browser, {}, async (page) => {
    let asked = 0;
    await page.route(`${kRecords}/*`, (route) => (asked++ === 0
      ? route.fulfill({ json: { record: { cliente: 'Fulano' }, ttl_seconds: 1 } })
      : route.fulfill({ status: 404, body: '' })));
    await choose(page, file('Dados.json', transaction()));
    await sendButton(page).click();
    await newestUpload(page).locator('.keys [data-state="expired"]').waitFor();
    assert.match(await newestUpload(page).locator('.keys').innerText(), /expirou/);
    await screenshot(page, 'expired');
  }));

test('without the service the page says so, and starts over on request', () =>
  visit(browser, {}, async (page) => {
    await page.route('**/api/v1/kinds', (route) => route.fulfill({ status: 503, body: '' }), { times: 1 });
    await page.reload();
    await desk(page, 'unavailable');
    await screenshot(page, 'unavailable');
    await page.getByRole('button', { name: 'Tentar de novo' }).click();
    await desk(page, 'empty');
  }));

test('offline is announced, and over when it is over', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    await page.context().setOffline(true);
    await page.locator('#offline').waitFor();
    await screenshot(page, 'offline');
    await page.context().setOffline(false);
    await page.locator('#offline').waitFor({ state: 'hidden' });
  }));
