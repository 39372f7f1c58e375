// Reads a whole file, whatever its size, and says how it is to be sent. Runs in a worker.

import { FileFault } from './file_fault.js';
import { formatOf, kHeadBytes } from './format.js';
import { contentOf } from './gzip.js';
import { kMaxUploadBytes, kMaxUploadRecords } from './limits.js';
import { SliceReader, Summary } from './records.js';
import { cut, frameOf } from './slices.js';

/**
 * `{format, summary, slices}` of `{file, format, gzipped, keyField}`, the format being what the file holds,
 * whatever its name says; throws FileFault. A slice is `{blob, first, records}`: what to send, how many
 * records of the file stand before it, and how many are in it. Only a file that is too large for one upload
 * has several.
 */
export async function inspectContent({ file, format: named, gzipped, keyField }) {
  const format = formatOf(await headOf(file, gzipped), named);
  const reader = new SliceReader(format);
  const summary = new Summary(keyField);
  const slices = [];
  let size = 0;
  for await (const slice of slicesOf(file, format, gzipped)) {
    const first = reader.records;
    const records = await reader.read(slice);
    summary.add(records);
    size = slice.end;
    if (records.length > 0) slices.push({ blob: blobOf(slice, file, format, gzipped), first, records: records.length });
  }
  if (summary.count === 0) throw new FileFault('empty');
  const fitsOne = size <= kMaxUploadBytes && summary.count <= kMaxUploadRecords;
  const whole = [{ blob: file, first: 0, records: summary.count }];
  const sent = gzipped && !fitsOne ? await Promise.all(slices.map(zip)) : slices;
  return { format, summary: summary.result(), slices: fitsOne ? whole : sent };
}

/** The first of it, as text; of a file that cannot be read, nothing: reading all of it says why. */
async function headOf(file, gzipped) {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  try {
    for await (const piece of contentOf(file, gzipped)) {
      text += decoder.decode(piece, { stream: true });
      if (text.length >= kHeadBytes) break;
    }
  } catch {
    return '';
  }
  return text;
}

async function* slicesOf(file, format, gzipped) {
  try {
    yield* cut(contentOf(file, gzipped), format);
  } catch (error) {
    if (error instanceof FileFault) throw error;
    throw new FileFault(gzipped ? 'gzip' : 'unreadable');
  }
}

/** Of a plain file only the place is noted: its bytes are read when they are sent. */
function blobOf(slice, file, format, gzipped) {
  const { before, after } = frameOf(slice, format);
  const content = gzipped ? slice.pieces : [file.slice(slice.start, slice.end)];
  return new Blob([before, ...content, after]);
}

async function zip({ blob, ...rest }) {
  const zipped = blob.stream().pipeThrough(new CompressionStream('gzip'));
  return { ...rest, blob: await new Response(zipped).blob() };
}
