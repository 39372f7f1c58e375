// The page to those who do not see it: roles, names, and order, as axe judges them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { choose, desk, file, launch, reached, sendAndReachCache, sendButton, transaction, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('axe finds no fault with any state of the page', () =>
  visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    assert.deepEqual(await violations(page), [], 'empty');
    await sendAndReachCache(page, file('Dados.json', [transaction()]));
    assert.deepEqual(await violations(page), [], 'cached');
    await choose(page, file('errado.json', [transaction({ email: 'sem arroba' })]));
    await sendButton(page).click();
    await reached(page, 'refused');
    assert.deepEqual(await violations(page), [], 'refused');
    await page.locator('#by-hand').click();
    await page.locator('#record-form-send').click();
    assert.deepEqual(await violations(page), [], 'form');
  }));
