// Where one record ends and the next begins, told byte by byte: all of JSON's own characters are ASCII.

const kLineBreak = 0x0a;
const kQuote = 0x22;
const kComma = 0x2c;
const kOpenArray = 0x5b;
const kBackslash = 0x5c;
const kCloseArray = 0x5d;
const kOpenObject = 0x7b;
const kCloseObject = 0x7d;

/** NDJSON: the line break belongs to neither. */
class LineBorders {
  isBorder(byte) {
    return byte === kLineBreak;
  }
}

/** A JSON array: the commas between its elements. Any other JSON has no borders. */
class ArrayBorders {
  constructor() {
    this.depth = 0;
    this.inArray = false;
    this.inText = false;
    this.escaped = false;
  }

  isBorder(byte) {
    if (this.inText) return this.passText(byte);
    switch (byte) {
      case kQuote: this.inText = true; return false;
      case kOpenArray:
      case kOpenObject: this.open(byte); return false;
      case kCloseArray:
      case kCloseObject: this.depth--; return false;
      default: return byte === kComma && this.depth === 1 && this.inArray;
    }
  }

  open(byte) {
    if (this.depth === 0) this.inArray = byte === kOpenArray;
    this.depth++;
  }

  passText(byte) {
    if (this.escaped) this.escaped = false;
    else if (byte === kBackslash) this.escaped = true;
    else if (byte === kQuote) this.inText = false;
    return false;
  }
}

export const bordersOf = (format) => (format === 'ndjson' ? new LineBorders() : new ArrayBorders());
