// Tables (.csv): what the service understands one as is shown before it is sent.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { ask, choose, desk, dropText, file, launch, newestUpload, reached, screenshot, sendButton, visit } from './harness.mjs';
import { aStall } from './panels_harness.mjs';
import { anOrder, fillLogin, isIn, newClient, withAccount } from './people_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const heads = (page) => page.locator('#sheet thead th').allInnerTexts();
const cells = (page) => page.locator('#sheet tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
const sentTypes = (page) => {
  const types = [];
  page.on('request', (request) => { if (request.method() === 'POST') types.push([request.url().includes('dry_run'), request.headers()['content-type']]); });
  return types;
};

async function chooseTable(page, text, kind = 'stall') {
  await page.locator('#kind').selectOption(kind);
  await choose(page, file('bancas.csv', text));
}

test('a table is shown as it is understood, and only then sent', () =>
  visit(browser, {}, async (page) => {
    const [one, other] = [aStall({ name: 'Frutas; e mais' }), aStall()];
    const types = sentTypes(page);
    await chooseTable(page, `Banca;NOME;Tamanho;Annual rent (k$);Paga\n${one.id};"${one.name}";small;15000;sim\n${other.id};${other.name};large;200;\n`);
    await desk(page, 'ready');
    assert.deepEqual(await heads(page), ['Nº', 'Banca → id', 'NOME → name', 'Tamanho → size', 'Annual rent (k$) → rent', 'Paga → paid']);
    assert.deepEqual((await cells(page))[0], ['1', one.id, one.name, 'small', '15000', 'true']);
    assert.deepEqual((await cells(page))[1], ['2', other.id, other.name, 'large', '200', '–']);
    assert.match(await dropText(page), /2 registros/);
    assert.equal(await ask(page, `/api/v1/records/stall/${one.id}`), null);
    assert.deepEqual(await violations(page), []);
    await screenshot(page, 'table-understood');
    await sendButton(page).click();
    await reached(page, 'cached');
    assert.equal((await ask(page, `/api/v1/records/stall/${other.id}`)).record.rent, 200);
    assert.deepEqual(types, [[true, 'text/csv'], [false, 'text/csv']]);
    assert.match(await newestUpload(page).innerText(), new RegExp(other.id));
  }));

test('what is wrong with a table is told by line and column', () =>
  visit(browser, {}, async (page) => {
    await chooseTable(page, 'id,name,size,rent\na,Ana,small,100\nb,Bia,médio,100\nc,Caio,small,muito\n');
    await desk(page, 'faulty');
    const faults = await page.locator('#sheet tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent)));
    assert.deepEqual(faults, [['3', 'size'], ['4', 'rent']]);
    assert.equal(await page.locator('#sheet thead th').first().innerText(), 'Linha');
    assert.ok(await sendButton(page).isDisabled());
    assert.deepEqual(await violations(page), []);
    await screenshot(page, 'table-faults');
    await chooseTable(page, 'id,colour\na,red\n');
    await page.locator('#sheet', { hasText: 'colour' }).waitFor();
    await desk(page, 'faulty');
  }));

test('a table of an older spreadsheet is read with its letters', () =>
  visit(browser, {}, async (page) => {
    const types = sentTypes(page);
    await chooseTable(page, Buffer.from(`id;name;size;rent\n${aStall().id};Pão de açúcar;small;100\n`, 'latin1'));
    await desk(page, 'ready');
    assert.equal((await cells(page))[0][2], 'Pão de açúcar');
    await sendButton(page).click();
    await reached(page, 'cached');
    assert.deepEqual(types.map(([, type]) => type), ['text/csv; charset=windows-1252', 'text/csv; charset=windows-1252']);
  }));

test('another kind understands the same table otherwise', () =>
  visit(browser, {}, async (page) => {
    await chooseTable(page, 'id,name\nv1,Ana\n', 'seller');
    await desk(page, 'ready');
    await page.locator('#kind').selectOption('stall');
    await desk(page, 'faulty');
    await page.locator('#kind').selectOption('seller');
    await desk(page, 'ready');
  }));

test('who has to log in first is told so, and then sees it; passwords are not shown', () =>
  visit(browser, {}, async (page) => {
    const client = await withAccount(page);
    const other = newClient();
    await chooseTable(page, `nome,e-mail,senha\n${other.name},${other.email},${other.password}\n`, 'client');
    await desk(page, 'ready');
    assert.ok(!(await page.locator('#sheet').innerText()).includes(other.password));
    await chooseTable(page, `id,products\n1,${anOrder().products}\n`, 'order');
    await page.locator('#drop-note', { hasText: 'Entre primeiro' }).waitFor();
    await page.locator('#log-in').click();
    await fillLogin(page, client);
    await isIn(page, client);
    await page.locator('#drop-note', { hasText: 'O que está errado está abaixo.' }).waitFor();
    await page.locator('#sheet .problem', { hasText: 'O formato do arquivo não é aceito.' }).waitFor();
  }));
