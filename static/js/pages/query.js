// The address of a query or lookup with its arguments. Pure.

/** Of `customer/list`: `{kind, name}`. */
export function splitName(path) {
  const [kind, name] = path.split('/');
  return { kind, name };
}

/** `arguments`: by parameter; those that are empty are left out. */
export function addressOf(href, given) {
  const filled = Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const search = new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
  return search ? `${href}?${search}` : href;
}

/** Constants of page.yaml, in which `{member}` stands for what the row has there. */
export const filledIn = (constants = {}, row = {}) =>
  Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, valueIn(value, row)]));

function valueIn(value, row) {
  if (typeof value !== 'string') return value;
  const whole = /^\{([\w-]+)\}$/.exec(value);
  return whole ? row[whole[1]] : value.replace(/\{([\w-]+)\}/g, (_, member) => row[member] ?? '');
}

/** The answer's member with the rows: the one that page.yaml names, or its only list. */
export const rowsOf = (answer, name) => (name ? answer[name] : Object.values(answer).find(Array.isArray)) ?? [];
