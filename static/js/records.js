// What a file holds, as far as the page shows it. No document, no network: runs in a worker.

import { findFault } from './json_fault.js';

export const kMaxContentBytes = 32 * 1024 * 1024;
const kShownRecords = 100;
const kShownColumns = 24;
const kWatchedKeys = 5;

/** Why a file cannot be sent; `values` go into the text `fault.<code>`. */
export class FileFault extends Error {
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/** The text of a file, unzipped; throws FileFault. */
export async function readText(file, gzipped) {
  const bytes = await readBytes(file, gzipped);
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FileFault('utf8');
  }
  if (text.startsWith('\ufeff')) throw new FileFault('bom');
  return text;
}

async function readBytes(file, gzipped) {
  const plain = file.stream();
  const stream = gzipped ? plain.pipeThrough(new DecompressionStream('gzip')) : plain;
  const chunks = [];
  let size = 0;
  try {
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return await new Blob(chunks).arrayBuffer();
      size += value.byteLength;
      if (size > kMaxContentBytes) throw new FileFault('too_large');
      chunks.push(value);
    }
  } catch (error) {
    if (error instanceof FileFault) throw error;
    throw new FileFault(gzipped ? 'gzip' : 'unreadable');
  }
}

/**
 * `{count, rows, columns, columnCount, keys, keyCount}`: the first records, the members they have, and the
 * first different values of `keyField`, which the cache will know them by. Throws FileFault.
 */
export function summarise(text, format, keyField) {
  const records = format === 'ndjson' ? parseLines(text) : parseWhole(text);
  if (records.length === 0) throw new FileFault('empty');
  const stranger = records.findIndex((record) => !isObject(record));
  if (stranger !== -1) throw new FileFault('not_object', { record: stranger + 1 });

  const rows = records.slice(0, kShownRecords);
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const keys = new Set(records.map((record) => record[keyField]).filter(isKey).map(String));
  return {
    count: records.length,
    rows,
    columns: columns.slice(0, kShownColumns),
    columnCount: columns.length,
    keys: [...keys].slice(0, kWatchedKeys),
    keyCount: keys.size,
  };
}

function parseWhole(text) {
  if (text.trim() === '') return [];
  const value = parse(text, 0);
  return Array.isArray(value) ? value : [value];
}

function parseLines(text) {
  const records = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() !== '') records.push(parse(line, index));
  });
  return records;
}

function parse(text, linesBefore) {
  try {
    return JSON.parse(text);
  } catch {
    const fault = findFault(text) ?? { line: 1, column: 1, reason: 'value' };
    throw new FileFault('syntax', { ...fault, line: fault.line + linesBefore });
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isKey = (value) => (typeof value === 'string' && value !== '') || typeof value === 'number';
