// Admins: they see who has an account, give roles, and take accounts away.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { fits, kPhone, launch, screenshot, visit } from './harness.mjs';
import { closed, logIn, sessionOf, withAccount, withAdmin } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

async function openAccounts(page, admin) {
  await logIn(page, admin);
  await page.locator('#account').click();
  await page.locator('#me-accounts').click();
  await page.locator('#accounts[aria-busy="false"]').waitFor();
}

/** The row of that account, on whatever page of the list it is. */
async function rowOf(page, { email }) {
  const row = page.locator('.account-row', { hasText: email });
  while (await row.count() === 0 && await page.locator('#accounts-more').isVisible()) {
    const before = await page.locator('.account-row').count();
    await page.locator('#accounts-more').click();
    await page.waitForFunction((count) => document.querySelectorAll('.account-row').length > count, before);
  }
  await row.waitFor();
  return row;
}

test('an admin gives a role, which counts from the next login on, and takes an account away', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    const admin = await withAdmin(page);
    await openAccounts(page, admin);
    const row = await rowOf(page, client);
    assert.ok(await row.getByRole('button', { name: 'Salvar' }).isDisabled());
    await row.getByLabel('admin', { exact: true }).check();
    await screenshot(page, 'people-accounts');
    await row.getByRole('button', { name: 'Salvar' }).click();
    await row.locator('button:disabled', { hasText: 'Salvar' }).waitFor();
    assert.deepEqual((await sessionOf(page, client)).account.roles, ['admin']);
    await row.getByRole('button', { name: 'Remover' }).click();
    assert.ok(await row.isVisible());
    await row.getByRole('button', { name: 'Remover mesmo' }).click();
    await row.waitFor({ state: 'detached' });
    assert.equal(await sessionOf(page, client), null);
  }));

test('an admin does not take away their own account or role', () =>
  visit(browser, {}, async (page) => {
    const admin = await withAdmin(page);
    await openAccounts(page, admin);
    const row = await rowOf(page, admin);
    assert.equal(await row.locator('button:enabled, input:enabled').count(), 0);
  }));

test('who is no admin has no such list', () =>
  visit(browser, {}, async (page) => {
    await logIn(page, await withAccount(page));
    await page.locator('#account').click();
    await page.locator('#me[aria-busy="false"]').waitFor();
    assert.ok(await page.locator('#me-accounts').isHidden());
  }));

test('an admin fills in by hand what the service fills in for others', () =>
  visit(browser, {}, async (page) => {
    await logIn(page, await withAccount(page));
    await page.locator('#kind').selectOption('order');
    await page.locator('#by-hand').click();
    await page.locator('#record-form[open] textarea').first().waitFor();
    assert.equal(await page.locator('#field-client').count(), 0);
    await page.keyboard.press('Escape');
    const admin = await withAdmin(page);
    await page.locator('#account').click();
    await page.locator('#me [type=submit]').click();
    await closed(page, 'me');
    await logIn(page, admin);
    await page.locator('#by-hand').click();
    await page.locator('#field-client').waitFor();
  }));

for (const options of [{ locale: 'pt-BR', colorScheme: 'dark' }, { locale: 'en', viewport: kPhone, hasTouch: true, isMobile: true }]) {
  test(`the list of accounts is accessible: ${JSON.stringify(options)}`, () =>
    visit(browser, options, async (page) => {
      const client = await withAccount(page);
      await openAccounts(page, await withAdmin(page));
      await (await rowOf(page, client)).locator('.danger').click();
      assert.deepEqual(await violations(page), []);
      await fits(page);
      await screenshot(page, `people-accounts-${options.isMobile ? 'phone' : 'dark'}`);
    }));
}
