// What of a kind's schema somebody is asked for. Pure.

/** What the service asks of a password, unless the schema or an installation asks for more. */
export const kPasswordLength = 12;

/**
 * The schema of the form: without what the service fills in, and without roles, unless an admin fills it in; with a
 * password as one. `needsPassword`: of a new account.
 */
export function formSchema(kind, schema, { isAdmin, needsPassword }) {
  const { account = {}, stamps = [] } = kind;
  const left = new Set(isAdmin ? [] : [...stamps, account.roles]);
  const members = Object.entries(schema.properties ?? {}).filter(([name]) => !left.has(name));
  const required = (schema.required ?? []).filter((name) => !left.has(name) && !(isAdmin && stamps.includes(name)));
  if (account.password && needsPassword) required.push(account.password);
  return {
    ...schema,
    type: 'object',
    properties: Object.fromEntries(members.map(([name, member]) => [name, asAsked(name, member, account)])),
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
