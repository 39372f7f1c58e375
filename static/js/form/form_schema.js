// What of a kind's schema somebody is asked for. Pure.

/** What the service asks of a password, unless the schema or an installation asks for more. */
export const kPasswordLength = 12;

/**
 * The schema of the form: without what the service fills in, and without roles, unless an admin fills it in; with a
 * password as one. `needsPassword`: of a new account. Only the members `only`, if there is such a list, and none of those
 * in `except`; `formats`: how a page shows members (page.yaml's columns), and so how they are typed.
 */
export function formSchema(kind, schema, { isAdmin, needsPassword, only = null, except = [], formats = {} }) {
  const { account = {}, stamps = [] } = kind;
  const left = new Set([...except, ...(isAdmin ? [] : [...stamps, account.roles])]);
  const isAsked = (name) => !left.has(name) && (only?.includes(name) ?? true);
  const members = Object.entries(schema.properties ?? {}).filter(([name]) => isAsked(name));
  const required = (schema.required ?? []).filter((name) => isAsked(name) && !(isAdmin && stamps.includes(name)));
  if (account.password && needsPassword && isAsked(account.password)) required.push(account.password);
  return {
    ...schema,
    type: 'object',
    properties: Object.fromEntries(members.map(([name, member]) => [name, asAsked(name, { ...member, shown: formats[name] }, account)])),
    required,
  };
}

function asAsked(name, member, { login, password }) {
  if (name === login) return { ...member, autocomplete: 'username' };
  if (name !== password) return member;
  const { pattern, ...rules } = member; // that of what the password becomes
  const minLength = Math.max(kPasswordLength, member.minLength ?? 0);
  return { ...rules, type: 'string', format: 'password', minLength, autocomplete: 'new-password' };
}
