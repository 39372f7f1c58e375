// A table to be sent: what the service understands it as, before it is. No guess of ours stands between them.

import { tryRecords } from './api.js';
import { kMaxUploadBytes } from './limits.js';
import { contentHeaders } from './source.js';

const kWatchedKeys = 5;

/** Resolves as `inspect` (source.js); the fault `table` has the service's `problem`. */
export async function inspectTable(source, kind, signal) {
  if (source.file.size > kMaxUploadBytes) return { fault: { code: 'too_large', values: { limit: kMaxUploadBytes } } };
  try {
    source.charset = await charsetOf(source);
    const understood = await tryRecords(kind.name, source.file, contentHeaders(source));
    signal.throwIfAborted();
    const { records } = understood;
    return { summary: summaryOf(understood, kind), slices: [{ blob: source.file, first: 0, records }] };
  } catch (problem) {
    if (signal.aborted) return new Promise(() => {}); // a later choice counts
    if (problem.status === undefined) return { fault: { code: 'unreadable', values: {} } };
    return { fault: { code: problem.status === 401 ? 'table_locked' : 'table', values: {}, problem } };
  }
}

/** Spreadsheets write the one or the other: what is no UTF-8 is shown as it would be read. */
async function charsetOf({ file, gzipped }) {
  if (gzipped) return null;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return null;
  } catch (error) {
    if (error instanceof TypeError) return 'windows-1252';
    throw error;
  }
}

/** As that of records.js, with the names that the columns have in the file; without what the service fills in. */
function summaryOf({ records, columns, first = [] }, kind) {
  const members = new Set([...Object.keys(first[0] ?? {}).filter((name) => columns[name]), ...Object.keys(columns)]);
  const keys = new Set(columns[kind.key] ? first.map((record) => String(record[kind.key])) : []);
  return {
    count: records, rows: first, columns: [...members], columnCount: members.size, names: columns,
    keys: [...keys].slice(0, kWatchedKeys), keyCount: keys.size > 0 ? records : 0,
  };
}
