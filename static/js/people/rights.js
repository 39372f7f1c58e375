// Who may do what with a kind, as far as the page has to know: the service decides. Pure.

const kWords = ['anyone', 'login', 'owner'];

export const isAdmin = (account) => account?.roles?.includes('admin') ?? false;

/** Whether `account`, null for nobody, may create records of the kind. */
export const mayCreate = (kind, account) => allows(kind.account?.sign_up ?? kind.access?.create, kind, account);

/** Whether `account` may change what is its own. */
export const mayChangeOwn = (kind, account) => allows(kind.access?.change, kind, account);

/** Whether `rule`, words as in kind.yaml's `access`, lets `account` do it; without a rule anybody may. */
export function allows(rule, kind, account) {
  if (!rule || rule.includes('anyone') || isAdmin(account)) return true;
  if (!account) return false;
  const { accounts = [] } = kind.access ?? {};
  const isKnown = accounts.length === 0 || accounts.includes(account.kind);
  return (isKnown && (rule.includes('login') || rule.includes('owner'))) || rule.some((role) => account.roles?.includes(role));
}

/** The kinds whose accounts log in here. */
export const accountKinds = (kinds) => kinds.filter(({ account }) => account);

/** Whether anybody may make an account of that kind. */
export const isOpenForSignUp = (kind) => kind.account?.sign_up?.includes('anyone') ?? false;

/** The roles that any kind speaks of, `admin` first. */
export function knownRoles(kinds) {
  const rules = kinds.flatMap(({ access = {}, account = {} }) =>
    [access.create, access.change, access.read, account.sign_up, ...Object.values(access.views ?? {})]);
  const roles = rules.flatMap((rule) => rule ?? []).filter((word) => !kWords.includes(word));
  return ['admin', ...new Set(roles.filter((role) => role !== 'admin'))];
}
