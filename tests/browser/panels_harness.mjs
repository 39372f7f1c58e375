// What the tests of panels share: the market, a kind of theirs (kinds/stall), and its page.

import assert from 'node:assert/strict';
import { ask, eventually, visit } from './harness.mjs';

export const kTable = '[data-view="stall/list"]';

/** A stall that no earlier run has made. */
export function aStall(changes = {}) {
  const mark = crypto.randomUUID().slice(0, 8);
  return { id: `banca-${mark}`, name: `Banca ${mark}`, size: 'small', rent: 15_000, ...changes };
}

/** Sends records by the API, and waits until they are applied. */
export async function send(page, kind, ...records) {
  const response = await page.request.post(`/api/v1/records/${kind}`, { data: records });
  assert.equal(response.status(), 202, await response.text());
  const { status } = await response.json();
  await eventually(() => ask(page, status), ({ state }) => state === 'applied');
}

/** Opens the page of that path, and runs `use(page)`. */
export const visitPage = (browser, path, options, use) =>
  visit(browser, options, async (page) => {
    await page.goto(path);
    await page.locator('#panels > h2').waitFor();
    await use(page);
  });

export const row = (page, { id }) => page.locator(`${kTable} tr[data-key="${id}"]`);

/** Opens the market with that stall alone in its table. */
export async function visitStall(browser, stall, options, use) {
  await visit(browser, options, async (page) => {
    await send(page, 'stall', stall);
    await page.goto('/market/');
    await search(page, stall.name);
    await row(page, stall).waitFor();
    await use(page);
  });
}

export const search = (page, text) => page.locator(`${kTable} [type=search]`).fill(text);

/** What stands in the row's cells but the last, where its buttons are. */
export const cellsOf = (page, stall) => row(page, stall).locator('th, td:not(.row-do)').allInnerTexts();

export const said = (place, state) => place.locator(`.said[data-state="${state}"]`);
