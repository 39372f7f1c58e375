// A file to be sent: what its name says about its format, and what it holds.

import { kMaxContentBytes } from './limits.js';

const kNames = /\.(json|ndjson|jsonl|csv)(\.gz)?$/i;
const kFormats = { json: 'json', csv: 'csv', ndjson: 'ndjson', jsonl: 'ndjson' };
const kTypes = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' };

/** `{file, format, gzipped}`, or `{fault}` when the name or the size already says no. */
export function describe(file) {
  const name = kNames.exec(file.name);
  if (!name) return { file, fault: { code: 'extension', values: {} } };
  if (file.size > kMaxContentBytes) return { file, fault: { code: 'too_large', values: {} } };
  return { file, format: kFormats[name[1].toLowerCase()], gzipped: name[2] !== undefined };
}

/**
 * Resolves to `{format, summary, slices}` (content.js) or `{fault}`. Aborting ends the work; it then never resolves.
 */
export function inspect(source, keyField, signal) {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('records_worker.js', import.meta.url), { type: 'module' });
    const finish = (outcome) => {
      worker.terminate();
      if (outcome) resolve(outcome);
    };
    signal.addEventListener('abort', () => finish(null), { once: true });
    worker.onerror = () => finish({ fault: { code: 'unreadable', values: {} } });
    worker.onmessage = ({ data }) => finish(data);
    worker.postMessage({ file: source.file, format: source.format, gzipped: source.gzipped, keyField });
  });
}

/** The headers that tell the gateway what the bytes are. */
export function contentHeaders(source) {
  const type = source.charset ? `${kTypes[source.format]}; charset=${source.charset}` : kTypes[source.format];
  return source.gzipped ? { 'Content-Type': type, 'Content-Encoding': 'gzip' } : { 'Content-Type': type };
}
