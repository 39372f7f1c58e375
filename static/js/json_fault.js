// Where and how a text stops being JSON: JSON.parse says so in no agreed way, in English, or not at all.
// Reads with a stack of its own, so that depth does no harm.

const kNumber = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
const kWord = /(?:true|false|null)(?!\w)/y;
const kSpace = /[ \t\r\n]*/y;
const kEscape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * The first fault: `{line, column, reason}`, both from 1, the column in code points. The reason is one of
 * value, name, colon, comma, string, end, unfinished. Null if the text is JSON.
 */
export function findFault(text) {
  const fault = new Reader(text).read();
  return fault && { ...position(text, fault.at), reason: fault.reason };
}

/** The line and column of an offset. */
export function position(text, offset) {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: codePoints(text, start, offset) + 1 };
}

function codePoints(text, start, end) {
  let count = 0;
  for (let at = start; at < end; count++) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return count;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.closers = [];
    this.expected = 'value';
  }

  read() {
    for (;;) {
      this.match(kSpace);
      if (this.at === this.text.length) {
        return this.expected === 'end' ? null : { at: this.at, reason: 'unfinished' };
      }
      const reason = this[this.expected]();
      if (reason) return { at: this.at, reason };
    }
  }

  // One method for each thing that may be expected. Each moves on, or says what is wrong.

  value() {
    const first = this.text[this.at];
    if (first === '{') return this.open('}', 'firstName');
    if (first === '[') return this.open(']', 'firstValue');
    if (first === '"') return this.string() ?? this.afterValue();
    return this.match(kNumber) || this.match(kWord) ? this.afterValue() : 'value';
  }

  firstValue() {
    return this.text[this.at] === ']' ? this.close() : this.value();
  }

  name() {
    if (this.text[this.at] !== '"') return 'name';
    this.expected = 'colon';
    return this.string();
  }

  firstName() {
    return this.text[this.at] === '}' ? this.close() : this.name();
  }

  colon() {
    if (this.text[this.at] !== ':') return 'colon';
    this.at++;
    this.expected = 'value';
    return null;
  }

  comma() {
    const closer = this.closers.at(-1);
    if (this.text[this.at] === closer) return this.close();
    if (this.text[this.at] !== ',') return 'comma';
    this.at++;
    this.expected = closer === '}' ? 'name' : 'value';
    return null;
  }

  end() {
    return 'end';
  }

  open(closer, expected) {
    this.at++;
    this.closers.push(closer);
    this.expected = expected;
    return null;
  }

  close() {
    this.at++;
    this.closers.pop();
    return this.afterValue();
  }

  afterValue() {
    this.expected = this.closers.length > 0 ? 'comma' : 'end';
    return null;
  }

  string() {
    const start = this.at++;
    while (this.at < this.text.length) {
      const character = this.text[this.at];
      if (character < ' ' || (character === '\\' && !this.match(kEscape))) return 'string';
      if (character !== '\\') this.at++;
      if (character === '"') return null;
    }
    this.at = start;
    return 'string';
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }
}
