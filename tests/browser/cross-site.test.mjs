// A page of another site has a form that leads here, and the visitor's browser sends it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { baseUrl, file, launch, transaction, visit } from './harness.mjs';

const kElsewhere = 'http://shop.test/';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const enctype of ['multipart/form-data', 'text/plain']) {
  test(`what a form of another site sends as ${enctype} is not taken`, () =>
    visit(browser, {}, async (page) => {
      await page.route(`${kElsewhere}**`, (route) => route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" enctype="${enctype}" action="${baseUrl()}/api/v1/records/transaction">
                 <input type="file" name="file"><button>Win</button></form>`,
      }));
      await page.goto(kElsewhere);
      await page.locator('input').setInputFiles(file('Dados.json', transaction()));
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().startsWith(baseUrl())),
        page.locator('button').click(),
      ]);
      assert.equal(answer.status(), 403);
    }));
}
