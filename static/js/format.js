// What a file holds, where its name says something else. Pure.

/** Enough for the longest first record. */
export const kHeadBytes = 512 * 1024;

/**
 * `json` or `ndjson`, by the name (`named`) unless the first bytes (`head`, decoded) leave no doubt: a whole object on
 * the first line and more behind it is no JSON but lines; what begins with a bracket is no line with a record.
 */
export function formatOf(head, named) {
  const text = head.replace(/^\ufeff?[ \t\r\n]*/, '');
  if (named === 'json' && text.startsWith('{') && isLines(text)) return 'ndjson';
  return named === 'ndjson' && text.startsWith('[') ? 'json' : named;
}

function isLines(text) {
  const end = text.indexOf('\n');
  return end !== -1 && !isBlank(text.slice(end)) && isJson(text.slice(0, end));
}

/** Of nothing but what JSON counts as blank, which is less than `trim` takes away. */
export const isBlank = (text) => !/[^ \t\r\n]/.test(text);

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
