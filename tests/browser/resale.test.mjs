// The page of purchases: a reseller signs up, enters some, sees the cashback change, and what an admin decides.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { eventually, kPhone, launch, screenshot, visit } from './harness.mjs';
import { fillSignUp, isIn, logIn, withAdmin } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kToday = new Date().toISOString().slice(0, 10);
const mine = (page, code) => page.locator('[data-view="purchase/list"] tr', { hasText: code });
const everybodys = (page, code) => page.locator('[data-view="purchase/all"] tr', { hasText: code });
const big = (page, view) => page.locator(`[data-view="purchase/${view}"] .big`);
const said = (row, state) => row.locator(`.said[data-state="${state}"]`);

/** A number of a taxpayer with good check digits, that no earlier run has drawn. */
function aCpf() {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte % 10);
  for (let count = 0; count < 2; count++) {
    const rest = digits.reduce((sum, digit, index) => sum + digit * (digits.length + 1 - index), 0) % 11;
    digits.push(rest < 2 ? 0 : 11 - rest);
  }
  return digits.join('');
}

async function signUp(page) {
  const email = `rita-${crypto.randomUUID()}@example.com`;
  await page.locator('#log-in').click();
  await page.locator('#login-kind').selectOption('reseller');
  await page.locator('#login-sign-up').click();
  const cpf = aCpf().replace(/(...)(...)(...)(..)/, '$1.$2.$3-$4');
  await fillSignUp(page, { cpf, name: 'Rita Alves', email, password: 'cavalo bateria grampo' });
  await isIn(page, { email });
  await page.locator('#menu').getByText('Compras e cashback').click();
}

async function buy(page, code, value) {
  const form = page.locator('[data-as="form"]');
  await form.getByLabel('Código').fill(code);
  await form.getByLabel('Valor').fill(value);
  await form.getByLabel('Data').fill(kToday);
  await form.locator('[type=submit]').click();
  await mine(page, code).waitFor();
}

/** By an admin, in a browser of their own. */
const decide = (code, status) =>
  visit(browser, {}, async (page) => {
    const admin = await withAdmin(page);
    await logIn(page, admin);
    await page.goto('/purchases/');
    await everybodys(page, code).getByRole('button', { name: 'Editar' }).click();
    assert.deepEqual(await page.locator('#panels [data-view]').evaluateAll((nodes) => nodes.map(({ dataset }) => dataset.view)),
      ['purchase/all'], 'an admin has no purchases of their own');
    await page.locator('#row-form-field-status').selectOption({ label: status });
    await screenshot(page, 'resale-decide');
    await page.locator('#row-form-send').click();
    await said(everybodys(page, code), 'done').waitFor();
    await everybodys(page, code).getByText(status).waitFor();
  });

test('three purchases, another percentage with each, and why what is approved stays', () =>
  visit(browser, {}, async (page) => {
    const [first, second, third] = ['A', 'B', 'C'].map((letter) => `${letter}-${crypto.randomUUID().slice(0, 8)}`);
    const cashback = async (text) => eventually(() => big(page, 'month').innerText(), (shown) => shown.replace(/\s/g, ' ') === text);
    await signUp(page);
    await buy(page, first, '1.000,00');
    await cashback('R$ 100,00');
    await buy(page, second, '500,00');
    await cashback('R$ 225,00');
    await buy(page, third, '0,01');
    await cashback('R$ 300,00');
    await eventually(() => mine(page, first).innerText(), (row) => /20%[\s\S]*R\$\s200,00[\s\S]*Em validação/.test(row));
    await screenshot(page, 'resale');
    assert.deepEqual(await violations(page), []);

    await decide(first, 'Aprovado');
    await page.reload();
    await mine(page, first).getByText('Aprovado').waitFor();
    await mine(page, first).getByRole('button', { name: 'Editar' }).click();
    await eventually(() => page.locator('#row-form-field-value').inputValue(), (value) => value === '1.000,00');
    await page.locator('#row-form-field-value').fill('2.000,00');
    await page.locator('#row-form-send').click();
    await page.locator('#row-form', { hasText: 'foi aprovada e não pode mais ser alterada nem excluída' }).waitFor();
    await screenshot(page, 'resale-approved');
  }));

for (const [name, options] of [['dark', { colorScheme: 'dark' }], ['phone', { viewport: kPhone, hasTouch: true, isMobile: true }]]) {
  test(`the page of purchases is accessible: ${name}`, () =>
    visit(browser, options, async (page) => {
      await signUp(page);
      await buy(page, 'C-1', '10,00');
      await screenshot(page, `resale-${name}`);
      assert.deepEqual(await violations(page), []);
    }));
}
