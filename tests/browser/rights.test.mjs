// Which kinds the page takes for open to whom: it only spares people a no, which the service says.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kNobody = null;
const kClient = { kind: 'client', key: 'c', roles: [] };
const kClerk = { kind: 'client', key: 'd', roles: ['clerk'] };
const kAdmin = { kind: 'client', key: 'e', roles: ['admin'] };
const kOther = { kind: 'employee', key: 'f', roles: [] };
const kEverybody = [kNobody, kClient, kClerk, kAdmin, kOther];

const rule = (create, accounts = ['client']) => ({ name: 'k', access: { create, change: [], read: [], views: {}, accounts } });

/** A kind, and who may create its records, in the order of kEverybody. */
const kTable = [
  [{ name: 'open' }, 'yes yes yes yes yes'],
  [rule(['anyone']), 'yes yes yes yes yes'],
  [rule(['login']), 'no yes yes yes no'],
  [rule(['owner']), 'no yes yes yes no'],
  [rule(['login'], []), 'no yes yes yes yes'],
  [rule(['clerk']), 'no no yes yes no'],
  [rule(['admin']), 'no no no yes no'],
  [{ ...rule(['login']), account: { sign_up: ['anyone'] } }, 'yes yes yes yes yes'],
  [{ ...rule(['login']), account: { sign_up: ['clerk'] } }, 'no no yes yes no'],
];

test('who may create records of a kind', () =>
  visit(browser, {}, async (page) => {
    const said = await page.evaluate(async ([table, everybody]) => {
      const { mayCreate } = await import('/js/people/rights.js');
      return table.map(([kind]) => everybody.map((account) => (mayCreate(kind, account) ? 'yes' : 'no')).join(' '));
    }, [kTable, kEverybody]);
    assert.deepEqual(said, kTable.map(([, expected]) => expected));
  }));

test('who may change what is their own', () =>
  visit(browser, {}, async (page) => {
    const rules = [['owner'], ['admin'], ['clerk']];
    const said = await page.evaluate(async ([all, everybody]) => {
      const { mayChangeOwn } = await import('/js/people/rights.js');
      return all.map((change) => everybody.map((account) => mayChangeOwn({ access: { change, accounts: ['client'] } }, account)));
    }, [rules, kEverybody.slice(1, 4)]);
    assert.deepEqual(said, [[true, true, true], [false, false, true], [false, true, true]]);
  }));

test('what a form asks of whom', () =>
  visit(browser, {}, async (page) => {
    const kind = { account: { login: 'email', password: 'password', roles: 'roles' }, stamps: ['id'] };
    const text = { type: 'string' };
    const schema = { required: ['id', 'email'], properties: { id: text, email: text, password: { type: 'string', minLength: 15 }, roles: { type: 'array' } } };
    const asked = await page.evaluate(async ([one, its]) => {
      const { formSchema } = await import('/js/form/form_schema.js');
      return [{ isAdmin: false, needsPassword: true }, { isAdmin: true, needsPassword: false }].map((who) => {
        const { properties, required } = formSchema(one, its, who);
        return [Object.keys(properties), required, properties.password.format, properties.password.minLength];
      });
    }, [kind, schema]);
    assert.deepEqual(asked, [
      [['email', 'password'], ['email', 'password'], 'password', 15],
      [['id', 'email', 'password', 'roles'], ['email'], 'password', 15],
    ]);
  }));
