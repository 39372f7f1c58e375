// Portuguese and English.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { choose, desk, file, launch, reached, says, screenshot, sendButton, transaction, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('the browser speaks Portuguese: so does the page', () =>
  visit(browser, { locale: 'pt-BR' }, async (page) => {
    await desk(page, 'empty');
    await says(sendButton(page), /^Enviar dados de Transação$/);
    assert.equal(await page.locator('html').getAttribute('lang'), 'pt-BR');
    await screenshot(page, 'empty-pt');
  }));

test('any other language: the page is in English', () =>
  visit(browser, { locale: 'de-DE' }, async (page) => {
    await desk(page, 'empty');
    await says(sendButton(page), /^Send Transaction data$/);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await screenshot(page, 'empty-en');
  }));

test('a chosen language is remembered, and loses nothing on the page', () =>
  visit(browser, { locale: 'pt-BR' }, async (page) => {
    await choose(page, file('Dados.json', [transaction()]));
    await desk(page, 'ready');
    await sendButton(page).click();
    await reached(page, 'cached');
    await page.locator('[data-language=en]').click();
    await says(sendButton(page), /^Send Transaction data$/);
    await says(page.locator('.upload'), /Cached[\s\S]*expires in/);
    assert.equal(await page.locator('#sheet tbody tr').count(), 1);
    await screenshot(page, 'cached-en');
    await page.reload();
    await desk(page, 'empty');
    await says(sendButton(page), /^Send Transaction data$/);
  }));

test('both languages have the same texts, with the same parameters', () =>
  visit(browser, {}, async (page) => {
    const [pt, en] = await page.evaluate(async () => {
      const outline = (texts) => Object.entries(texts).map(([name, text]) =>
        `${name} ${(text.match(/\{\w+\}/g) ?? []).sort().join('')}`).sort();
      return [outline((await import('/js/texts/pt.js')).pt), outline((await import('/js/texts/en.js')).en)];
    });
    assert.deepEqual(pt, en);
  }));
