// Reading a file and cutting it into slices, without a browser: the same modules run in its worker.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { inspectContent } from '../../static/js/content.js';
import { contentOf } from '../../static/js/gzip.js';
import { findFault } from '../../static/js/json_fault.js';
import { kSliceBytes, kSliceRecords } from '../../static/js/limits.js';

const inspect = (text, options) => inspectContent({ file: new Blob([text]), format: 'json', gzipped: false, keyField: 'id', ...options });
const faultOf = (text, options) => inspect(text, options).then(() => assert.fail('no fault'), (fault) => fault);

/** What could be taken for a border, in texts and nested values. */
const awkward = (id) => ({ id: `n${id}`, text: 'a, "b" \\ ]}[{ é 😀\n', inner: [[1, 2], { a: [',', '\\"'] }] });
const many = (count) => Array.from({ length: count }, (_, index) => awkward(index));
const large = many(120_000); // over what one upload carries

async function recordsOf(slices, read) {
  const texts = await Promise.all(slices.map(async ({ blob }) => read(Buffer.from(await blob.arrayBuffer()))));
  return texts.map((text) => String(text));
}

for (const spaces of [0, 1]) {
  test(`an array of any layout is cut between records, and nothing is lost (indent ${spaces})`, async () => {
    const text = JSON.stringify(large, null, spaces);
    const { summary, slices } = await inspect(text);
    assert.equal(summary.count, large.length);
    assert.equal(summary.keyCount, large.length);
    assert.ok(slices.length > 1);
    const parsed = (await recordsOf(slices, String)).map((slice) => JSON.parse(slice));
    assert.deepEqual(parsed.flat(), large);
    parsed.forEach((records, index) => assert.equal(slices[index].records, records.length));
    assert.deepEqual(slices.map(({ first }) => first), firsts(parsed));
    for (const { blob, records } of slices) assert.ok(blob.size <= kSliceBytes + 1024 && records <= kSliceRecords);
  });
}

test('lines are cut between lines; blank ones count for nothing', async () => {
  const text = `\n\n${large.map((record) => JSON.stringify(record)).join('\n\n')}\n\n`;
  const { summary, slices } = await inspect(text, { format: 'ndjson' });
  assert.equal(summary.count, large.length);
  const lines = (await recordsOf(slices, String)).flatMap((slice) => slice.split('\n')).filter(Boolean);
  assert.deepEqual(lines.map((line) => JSON.parse(line)), large);
});

test('what is zipped is zipped again, slice by slice', async () => {
  const { slices } = await inspect(gzipSync(JSON.stringify(large)), { gzipped: true });
  const parsed = (await recordsOf(slices, gunzipSync)).map((slice) => JSON.parse(slice));
  assert.deepEqual(parsed.flat(), large);
});

test('what fits one upload stays one, as it is', async () => {
  const file = new Blob([JSON.stringify(many(60_000))]); // more than one slice, less than one upload
  const { slices } = await inspectContent({ file, format: 'json', gzipped: false, keyField: 'id' });
  assert.deepEqual(slices, [{ blob: file, first: 0, records: 60_000 }]);
});

test('a fault far into a large file is told with its place in the whole', async () => {
  for (const spaces of [0, 1]) {
    const text = JSON.stringify(large, null, spaces);
    const at = text.indexOf('"n110000"');
    for (const broken of [text.slice(0, at) + text.slice(at + 1), text.slice(0, -1), `${text.slice(0, -1)},]`, `${text} x`]) {
      const { code, values } = await faultOf(broken);
      assert.equal(code, 'syntax');
      assert.deepEqual(values, findFault(broken));
    }
  }
});

test('a comma too many is a fault where a cut falls as well', async () => {
  const records = many(kSliceRecords + 10).map((record) => JSON.stringify(record));
  const exactly = `[${records.slice(0, kSliceRecords).join(',')},]`;
  assert.deepEqual((await faultOf(exactly)).values, findFault(exactly));
  const twice = `[${records.slice(0, kSliceRecords).join(',')},,${records.slice(kSliceRecords).join(',')}]`;
  assert.deepEqual((await faultOf(twice)).values, findFault(twice));
});

test('a record that is none is told by its number in the file', async () => {
  const values = [...many(kSliceRecords + 5), 7];
  const { code, values: { record } } = await faultOf(JSON.stringify(values));
  assert.deepEqual([code, record], ['not_object', kSliceRecords + 6]);
});

test('what a file holds counts, not its name, where there is no doubt', async () => {
  const lines = '\ufeff\r\n{"id":"a"}\r\n\r\n{"id":"b"}\r\n';
  const formatAndCount = async (...of) => {
    const { format, summary } = await inspect(...of);
    return [format, summary.count];
  };
  assert.deepEqual(await formatAndCount(lines), ['ndjson', 2]);
  assert.deepEqual(await formatAndCount(gzipSync(lines), { gzipped: true }), ['ndjson', 2]);
  assert.deepEqual(await formatAndCount('\n[{"id":"a"},\n{"id":"b"}]', { format: 'ndjson' }), ['json', 2]);
  assert.deepEqual(await formatAndCount('{"id":"a"}\n \n'), ['json', 1]);
  assert.deepEqual(await formatAndCount('{\n"id":"a"\n}'), ['json', 1]);
  const { code, values } = await faultOf('{"id":"a"}\n{"id" "b"}\n');
  assert.deepEqual([code, values.line, values.reason], ['syntax', 2, 'colon']);
});

test('many large lines in a file named .json are cut as lines', async () => {
  const { format, slices } = await inspect(large.map((record) => JSON.stringify(record)).join('\n'));
  assert.equal(format, 'ndjson');
  assert.ok(slices.length > 1);
});

test('a gzip file may have several members, and in them what looks like the start of one', async () => {
  const stored = Buffer.concat([Buffer.from('{"id":"a"}\n'), Buffer.from([0x1f, 0x8b, 0x08, 0x00])]);
  const members = [gzipSync('{"id":"z"}\n'), gzipSync(stored, { level: 0 }), gzipSync('\n{"id":"b"}\n')];
  const content = [];
  for await (const piece of contentOf(new Blob(members), true)) content.push(piece);
  assert.deepEqual(Buffer.concat(content), Buffer.concat([Buffer.from('{"id":"z"}\n'), stored, Buffer.from('\n{"id":"b"}\n')]));
});

const firsts = (lists) => lists.map((_, index) => lists.slice(0, index).flat().length);
