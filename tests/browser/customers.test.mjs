// The page of customers: a user brings 200 in a table, sees how many of which gender, predicts one twice with another
// age, and sees the line.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { charted, desk, dropText, eventually, kPhone, launch, reached, screenshot, sendButton, tabled, visit } from './harness.mjs';
import { said } from './panels_harness.mjs';
import { fillSignUp, isIn } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kList = '[data-view="customer/list"]';
const kPie = '[data-view="customer/by-gender"]';
const kLine = '[data-as="line"][data-view="prediction/of-customer"]';
const customer = (page) => page.locator(`${kList} > * tr[data-key]`).first();

async function signUp(page) {
  const email = `ursula-${crypto.randomUUID()}@example.com`;
  await page.locator('#log-in').click();
  await page.locator('#login-kind').selectOption('user');
  await page.locator('#login-sign-up').click();
  await fillSignUp(page, { name: 'Úrsula Prado', email, password: 'cavalo bateria grampo' });
  await isIn(page, { email });
}

/** At the desk, as the table that is offered to try. */
async function bringCustomers(page) {
  await page.locator('#kind').selectOption('customer');
  await page.locator('#samples').getByRole('button', { name: '200 consumidores' }).click();
  await desk(page, 'ready');
  assert.match(await dropText(page), /200 registros/);
  await sendButton(page).click();
  await reached(page, 'cached');
}

const predict = async (page) => {
  await customer(page).getByRole('button', { name: 'Prever a pontuação' }).click();
  await said(customer(page), 'done').waitFor();
};

async function makeOlder(page, age) {
  await customer(page).getByRole('button', { name: 'Editar' }).click();
  await page.locator('#row-form-field-age').fill(age);
  await page.locator('#row-form-send').click();
  await said(customer(page), 'done').waitFor();
  await customer(page).locator('[data-title="Idade"]', { hasText: age }).waitFor();
}

for (const [name, options] of [
  ['light', {}], ['dark', { colorScheme: 'dark' }], ['phone', { viewport: kPhone, hasTouch: true, isMobile: true }],
]) {
  test(`200 customers from a table, how many of which gender, and one predicted twice: ${name}`, () =>
    visit(browser, options, async (page) => {
      await signUp(page);
      await bringCustomers(page);
      await page.goto('/customers/');
      await customer(page).waitFor();
      const genders = await eventually(() => tabled(page, kPie), (rows) => rows.length === 2);
      assert.deepEqual(genders.map(([gender]) => gender), ['Feminino', 'Masculino']);
      assert.equal(genders.reduce((sum, [, customers]) => sum + Number(customers), 0), 200);
      for (const [, customers, share] of genders) assert.equal(share, `${Number(customers) / 2}%`.replace('.', ','));
      await eventually(() => charted(page, kPie), (slices) => slices.length === 2);
      assert.deepEqual(await violations(page), []);
      await screenshot(page, `customers-${name}`);

      await predict(page);
      await makeOlder(page, '70');
      await predict(page);
      await customer(page).getByRole('button', { name: 'Detalhes' }).click();
      const line = await eventually(() => charted(page, kLine), (points) => points?.length === 2);
      const [first, second] = line.map(([, score]) => score);
      assert.ok(second < first && second > 0 && first < 100, `older customers spend less: ${line}`);
      assert.deepEqual(await violations(page), []);
      await screenshot(page, `customers-line-${name}`);
    }));
}
