// One record by hand, in a form made from its kind's schema.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { becomes, desk, kPhone, launch, newestUpload, says, screenshot, storedText, visit } from './harness.mjs';
import { logIn, sessionOf, withAccount } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const form = (page) => page.locator('#record-form');
const submit = (page) => form(page).getByRole('button', { name: 'Enviar este registro' }).click();

async function open(page, kind) {
  await desk(page, 'empty');
  await page.locator('#kind').selectOption(kind);
  await page.getByRole('button', { name: 'Preencher à mão' }).click();
  await form(page).getByRole('button', { name: 'Enviar este registro' }).waitFor();
}

async function fill(page, values) {
  for (const [label, value] of Object.entries(values)) await form(page).getByLabel(label, { exact: true }).fill(value);
}

async function storedRecord(page, headers = {}) {
  await newestUpload(page).locator('.links a').waitFor();
  const object = await storedText(page, await newestUpload(page).locator('.links a').getAttribute('href'), headers);
  return JSON.parse(object.trim()).records[0];
}

test('a transaction is filled in, checked, sent and stored', () =>
  visit(browser, {}, async (page) => {
    await open(page, 'transaction');
    await submit(page);
    await becomes(() => form(page).locator('[aria-invalid="true"]').count(), 4);
    await screenshot(page, 'form-faults');
    const key = `mão-${crypto.randomUUID()}`;
    await fill(page, { Cliente: key, Nome: 'Ana', 'E-mail': 'sem arroba', Endereço: 'Recife, PE, 1' });
    await submit(page);
    await says(form(page).locator('.field', { hasText: 'E-mail' }), /Não está|Não segue/);
    await fill(page, { 'E-mail': 'ana@example.com' });
    await screenshot(page, 'form');
    await submit(page);
    const { datatrasancao, ...record } = await storedRecord(page);
    assert.deepEqual(record, { _id: key, isActive: true, cliente: 'Ana', email: 'ana@example.com', endereco: 'Recife, PE, 1' });
    assert.match(datatrasancao, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
    assert.ok(Math.abs(Date.parse(datatrasancao) - Date.now()) < 600_000);
  }));

test('objects and lists have fields of their own; what is left empty is left out', () =>
  visit(browser, { viewport: kPhone }, async (page) => {
    const client = await withAccount(page);
    await logIn(page, client);
    await open(page, 'order');
    await fill(page, { Produtos: 'pao\n\n cesta ', Número: '4111111111111111', 'Nome no cartão': 'ANA', Validade: '13/30' });
    await submit(page);
    await becomes(() => form(page).locator('[aria-invalid="true"]').count(), 1);
    await screenshot(page, 'phone-form');
    await fill(page, { Validade: '12/30' });
    await submit(page);
    const { access_token: token, account } = await sessionOf(page, client);
    const { credit_card, ...order } = await storedRecord(page, { Authorization: `Bearer ${token}` });
    assert.deepEqual([order.client, order.products], [account.key, ['pao', 'cesta']]);
    assert.deepEqual(Object.keys(order).sort(), ['client', 'date', 'id', 'products']);
    assert.deepEqual(Object.keys(credit_card).sort(), ['card_holder_name', 'card_number', 'exp_date']);
  }));

test('what the service refuses is shown at its field, with what was typed', () =>
  visit(browser, {}, async (page) => {
    await page.route('**/api/v1/records/seller', (route) => route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 422, errors: [{ index: 0, pointer: '/name', keyword: 'pattern', detail: 'no' }] }),
    }));
    await open(page, 'seller');
    await fill(page, { Vendedor: 'x', Nome: '???' });
    await submit(page);
    await form(page).locator('[aria-invalid="true"]').waitFor();
    assert.equal(await form(page).getByLabel('Nome', { exact: true }).inputValue(), '???');
    assert.match(await form(page).locator('.field', { hasText: 'Nome' }).innerText(), /Não está|Não segue/);
    await page.keyboard.press('Escape');
    await form(page).waitFor({ state: 'hidden' });
  }));

test('the labels are those of the page’s language', () =>
  visit(browser, { locale: 'en' }, async (page) => {
    await desk(page, 'empty');
    await page.getByRole('button', { name: 'Fill in by hand' }).click();
    await form(page).getByLabel('Address', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('[data-language=pt]').click();
    await page.getByRole('button', { name: 'Preencher à mão' }).click();
    await form(page).getByLabel('Endereço', { exact: true }).waitFor();
  }));
