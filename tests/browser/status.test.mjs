// Whether the service keeps up: told above the page while something does not, and at its foot while all does.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { baseUrl, becomes, eventually, fits, kPhone, launch, screenshot, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kStatus = '/api/v1/status';
const kSince = '2026-11-30T12:00:00.000Z';
const kWorks = { state: 'works', since: kSince, lag_seconds: 0, words: 'It works.' };
const kParts = ['door', 'storage', 'views'];
const kEnglish = { locale: 'en', timezoneId: 'America/Sao_Paulo' };

const promise = (page) => page.locator('#promise');
const told = (page) => page.locator('#trouble p');
const shows = (locator, text) => eventually(() => locator.allTextContents(), (all) => all.join('\n').match(text));

async function onItsClock(page) {
  await page.clock.install();
  await page.reload();
}

/** What is answered from here on; the page's clock goes on to its next look. */
async function say(page, changed) {
  const all = { door: kWorks, storage: kWorks, views: kWorks, ...changed };
  await page.route(`**${kStatus}`, (route) => route.fulfill({ json: all }));
  await page.clock.runFor(16_000);
}

test('the foot says that the promise is kept, and since when', () => visit(browser, kEnglish, async (page) => {
  const parts = await (await fetch(baseUrl() + kStatus)).json();
  assert.deepEqual(Object.keys(parts), kParts);
  await shows(promise(page), /^Promise kept since .+: all that was accepted is stored and computed\.$/);
  await becomes(() => told(page).count(), 0);
  await page.getByRole('button', { name: 'PT', exact: true }).click();
  await shows(promise(page), /^Promessa mantida desde /);
}));

test('what does not keep up is told until it does', () => visit(browser, kEnglish, async (page) => {
  await onItsClock(page);
  await shows(promise(page), /^Promise kept/);
  await say(page, { views: { ...kWorks, state: 'late', lag_seconds: 75 } });
  await shows(told(page), /^Figures and lists are behind since Nov 30, 2026, 9:00.AM: what was accepted shows later\.$/);
  await shows(promise(page), /^What was accepted is not lost/);
  const away = { state: 'away', since: null, lag_seconds: null, words: 'It does not answer.' };
  await say(page, { door: away, storage: { ...kWorks, state: 'stopped' } });
  await shows(told(page), /^At the moment no upload is accepted: try again in a while\.\nStoring stands still since Nov 30/);
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'trouble');
  await say(page, {});
  await becomes(() => told(page).count(), 0);
  await shows(promise(page), /^Promise kept since Nov 30, 2026, 9:00.AM/);
}));

test('each state of each part has words in both languages', () => visit(browser, { ...kEnglish, viewport: kPhone }, async (page) => {
  await onItsClock(page);
  for (const part of kParts) {
    for (const state of part === 'door' ? ['stopped', 'away'] : ['late', 'stopped', 'away']) {
      await say(page, { [part]: { ...kWorks, state } });
      await becomes(() => told(page).count(), 1);
      for (const language of ['PT', 'EN']) {
        await page.getByRole('button', { name: language, exact: true }).click();
        assert.match(await told(page).textContent(), /\.$/);
      }
    }
  }
  await fits(page);
}));
