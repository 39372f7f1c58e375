// The files that the API is tried on (tests/data) are tried on the page, and come to the same end.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { choose, desk, file, launch, newestUpload, sendButton, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kData = fileURLToPath(new URL('../data', import.meta.url));
// Lines, sent as JSON: the page says what they are, whatever their name.
const kLines = ['two-values.json', 'lines-named-json.json'];

/** Whether the headers are as the page sends them: with others, it was not the file that was refused. */
const isSentRightly = ({ content_type: type, content_encoding: encoding }) =>
  ['application/json', 'application/x-ndjson'].includes(type) && ['-', 'gzip'].includes(encoding);

/** The rows of a table, but for those that are no file: a form around one. */
function rowsOf(folder) {
  const [head, ...lines] = readFileSync(`${kData}/${folder}/uploads/expected.tsv`, 'utf8').split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t'));
  const rows = lines.map((values) => Object.fromEntries(head.map((name, index) => [name, values[index]])));
  return rows.filter(({ content_type: type }) => !/^multipart\//i.test(type));
}

/** What becomes of a file on the page: `accepted`, or `refused` by whom. */
async function endOf(page, folder, name) {
  await choose(page, file(name, readFileSync(`${kData}/${folder}/uploads/${name}`)));
  await page.locator('#drop-title', { hasText: new RegExp(`(^|\\s)${name.replaceAll('.', '\\.')}(…|\\s|$)`) }).waitFor();
  await page.locator('#drop[data-state="ready"], #drop[data-state="faulty"]').waitFor();
  if (await page.locator('#drop').getAttribute('data-state') === 'faulty') return 'refused by the page';
  await sendButton(page).click();
  await newestUpload(page).locator('summary', { hasText: name }).waitFor();
  const upload = page.locator('li:first-child > .upload:not([data-badge="sending"])');
  await upload.waitFor();
  return await upload.getAttribute('data-badge') === 'refused' ? 'refused by the service' : 'accepted';
}

async function endsOf(folder, rows) {
  const ends = {};
  await visit(browser, {}, async (page) => {
    await desk(page, 'empty');
    for (const { file: name } of rows) ends[name] = await endOf(page, folder, name);
  });
  return ends;
}

test('what the API accepts is accepted', { timeout: 300_000 }, async () => {
  const rows = rowsOf('good');
  const ends = await endsOf('good', rows);
  assert.ok(rows.length > 15);
  assert.deepEqual(ends, Object.fromEntries(rows.map(({ file: name }) => [name, 'accepted'])));
});

test('what the API refuses is refused', { timeout: 300_000 }, async () => {
  const rows = rowsOf('bad').filter(isSentRightly);
  const ends = await endsOf('bad', rows);
  assert.ok(rows.length > 55);
  const accepted = Object.keys(ends).filter((name) => ends[name] === 'accepted');
  assert.deepEqual(accepted, Object.keys(ends).filter((name) => kLines.includes(name)));
});
