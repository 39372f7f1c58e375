// Unzipping. A gzip file is one member after the other (RFC 1952 2.2): those who put zipped logs together make such
// files. The browser's own reader takes one member and nothing behind it.

import { kMaxContentBytes } from './limits.js';

const kStart = [0x1f, 0x8b, 0x08]; // the flags follow, of which three bits are never set
const kReservedFlags = 0xe0;

/** The content of a file, piece by piece; throws when it is damaged, or cannot be read. */
export async function* contentOf(file, gzipped) {
  for (const member of gzipped ? await membersOf(file) : [file]) {
    yield* piecesOf(gzipped ? unzipped(member) : member.stream());
  }
}

const unzipped = (member) => member.stream().pipeThrough(new DecompressionStream('gzip'));

async function* piecesOf(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever asked for less may stop
  }
}

async function membersOf(file) {
  const starts = await possibleStarts(file);
  const members = [];
  for (let from = 0; from < starts.length;) {
    let to = from + 1;
    while (to < starts.length && !await isWhole(file.slice(starts[from], starts[to]))) to++;
    members.push(file.slice(starts[from], starts[to] ?? file.size));
    from = to;
  }
  return members;
}

/** Where members may begin, the first at 0: what looks like a start may be in the middle of one. */
async function possibleStarts(file) {
  const starts = [0];
  let matched = 0;
  let offset = 0;
  for await (const bytes of piecesOf(file.stream())) {
    for (let at = 0; at < bytes.length; at++) {
      if (matched === kStart.length) {
        const start = offset + at - kStart.length;
        if (start > 0 && (bytes[at] & kReservedFlags) === 0) starts.push(start);
        matched = 0;
      }
      if (bytes[at] === kStart[matched]) matched++;
      else matched = bytes[at] === kStart[0] ? 1 : 0;
    }
    offset += bytes.length;
  }
  return starts;
}

async function isWhole(member) {
  try {
    let size = 0;
    for await (const { length } of piecesOf(unzipped(member))) {
      size += length;
      if (size > kMaxContentBytes) return false;
    }
    return true;
  } catch {
    return false;
  }
}
