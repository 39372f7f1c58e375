// What a slice of a file holds, and what all of them do, as far as the page shows it. No document, no
// network: runs in a worker.

import { FileFault } from './file_fault.js';
import { isBlank } from './format.js';
import { findFault, position } from './json_fault.js';
import { frameOf } from './slices.js';

const kShownRecords = 100;
const kShownColumns = 24;
const kWatchedKeys = 5;

/** Reads slices one after the other, knowing where in the file it is. */
export class SliceReader {
  constructor(format) {
    this.format = format;
    this.line = 1;
    this.column = 1;
    this.records = 0;
  }

  /** The records of the next slice; throws FileFault. */
  async read(slice) {
    const text = decode(await new Blob(slice.pieces).arrayBuffer(), slice.start === 0);
    const records = this.format === 'ndjson' ? this.parseLines(text) : this.parseWhole(text, slice);
    const stranger = records.findIndex((record) => !isObject(record));
    if (stranger !== -1) throw new FileFault('not_object', { record: this.records + stranger + 1 });
    this.records += records.length;
    this.advance(text);
    return records;
  }

  parseWhole(text, slice) {
    if (slice.start === 0 && isBlank(text)) return [];
    const { before, after } = frameOf(slice, this.format);
    const value = this.parse(before + text + after, before.length);
    if (slice.start > 0 && value.length === 0) throw this.syntaxFault({ line: 1, column: 1, reason: 'value' });
    return Array.isArray(value) ? value : [value];
  }

  parseLines(text) {
    const records = [];
    text.split('\n').forEach((line, index) => {
      if (!isBlank(line)) records.push(this.parse(line, 0, index));
    });
    return records;
  }

  /** `added` characters stand before the text that are not in the file, `linesBefore` lines of the slice. */
  parse(text, added, linesBefore = 0) {
    try {
      return JSON.parse(text);
    } catch {
      const { line, column, reason } = findFault(text) ?? { line: 1, column: 1, reason: 'value' };
      const inSlice = { line: line + linesBefore, column: line === 1 ? column - added : column, reason };
      throw this.syntaxFault(inSlice);
    }
  }

  syntaxFault({ line, column, reason }) {
    const before = line === 1 ? this.column - 1 : 0;
    return new FileFault('syntax', { line: this.line + line - 1, column: before + column, reason });
  }

  /** To behind the slice and the border after it: a line break or a comma. */
  advance(text) {
    const end = position(text, text.length);
    this.column = end.line === 1 ? this.column + end.column : end.column + 1;
    this.line += end.line - 1;
    if (this.format === 'ndjson') {
      this.line++;
      this.column = 1;
    }
  }
}

/** At the start of a file a byte order mark counts for nothing: spreadsheets and editors put one there. */
function decode(bytes, isFirst) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: !isFirst }).decode(bytes);
  } catch {
    throw new FileFault('utf8');
  }
}

/** Gathers what is shown of all records. */
export class Summary {
  constructor(keyField) {
    this.keyField = keyField;
    this.count = 0;
    this.rows = [];
    this.keys = new Set();
  }

  add(records) {
    this.count += records.length;
    this.rows.push(...records.slice(0, kShownRecords - this.rows.length));
    for (const record of records) {
      if (isKey(record[this.keyField])) this.keys.add(String(record[this.keyField]));
    }
  }

  /**
   * `{count, rows, columns, columnCount, keys, keyCount}`: the first records, the members they have, and
   * the first different keys, which the cache will know them by.
   */
  result() {
    const columns = [...new Set(this.rows.flatMap(Object.keys))];
    return {
      count: this.count,
      rows: this.rows,
      columns: columns.slice(0, kShownColumns),
      columnCount: columns.length,
      keys: [...this.keys].slice(0, kWatchedKeys),
      keyCount: this.keys.size,
    };
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isKey = (value) => (typeof value === 'string' && value !== '') || typeof value === 'number';
