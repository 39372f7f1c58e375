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

/** Whether a panel asks for what is the caller's own, and `account` is of a kind that has none: a manager's, of another kind. */
export function isOfOthers({ view, lookup, with: given = {} }, kinds, account) {
  const { kind: name, name: asked } = splitName(view ?? lookup ?? '');
  const kind = kinds.find((one) => one.name === name);
  const { parameters = [] } = kind?.[view ? 'views' : 'lookups']?.find((one) => one.name === asked) ?? {};
  const isOwn = parameters.some((one) => one.from === 'principal' && one.required && !(one.name in given));
  return isOwn && account !== null && !kind.access?.accounts?.includes(account.kind);
}

/** The answer's member with the rows: the one that page.yaml names, or its only list. */
export const rowsOf = (answer, name) => (name ? answer[name] : Object.values(answer).find(Array.isArray)) ?? [];
