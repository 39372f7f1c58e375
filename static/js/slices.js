// Cuts content into slices, at the borders between records, so that each can be read by itself and sent as
// an upload of its own. The same content is always cut alike.

import { bordersOf } from './borders.js';
import { FileFault } from './file_fault.js';
import { kMaxContentBytes, kMaxUploadBytes, kSliceBytes, kSliceRecords } from './limits.js';

/**
 * The slices of what comes piece by piece, in order: `{pieces, start, end, isLast}`. `pieces` are its bytes, from
 * offset `start` up to `end`; the border that follows belongs to no slice. Throws FileFault.
 */
export async function* cut(content, format) {
  const cutter = new Cutter(format);
  for await (const piece of content) yield* cutter.take(piece);
  yield cutter.rest();
}

class Cutter {
  constructor(format) {
    this.borders = bordersOf(format);
    this.offset = 0;
    this.begin(0);
  }

  begin(start) {
    this.start = start;
    this.pieces = [];
    this.records = 0;
  }

  *take(chunk) {
    if (this.offset + chunk.length > kMaxContentBytes) throw new FileFault('too_large');
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (!this.borders.isBorder(chunk[at])) continue;
      this.records++;
      if (this.records < kSliceRecords && this.offset + at - this.start < kSliceBytes) continue;
      this.pieces.push(chunk.subarray(from, at));
      yield this.slice(this.offset + at, false);
      from = at + 1;
      this.begin(this.offset + from);
    }
    this.pieces.push(chunk.subarray(from));
    this.offset += chunk.length;
    if (this.offset - this.start > kMaxUploadBytes) throw new FileFault('no_border', { limit: kMaxUploadBytes });
  }

  rest() {
    return this.slice(this.offset, true);
  }

  slice(end, isLast) {
    return { pieces: this.pieces, start: this.start, end, isLast };
  }
}

/** What makes a slice JSON of its own again: an array that was cut lacks its brackets there. */
export function frameOf({ start, isLast }, format) {
  if (format === 'ndjson') return { before: '', after: '' };
  return { before: start === 0 ? '' : '[', after: isLast ? '' : ']' };
}
