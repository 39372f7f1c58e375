// A table of a page: how it shows values, how it is searched, and what can be done to its rows.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { agree, ask, eventually, launch, says, screenshot } from './harness.mjs';
import { aStall, cellsOf, kTable, row, said, search, send, visitPage, visitStall } from './panels_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const button = (page, stall, name) => row(page, stall).getByRole('button', { name, exact: false }).first();
const recordOf = async (page, { id }) => (await ask(page, `/api/v1/records/stall/${id}`))?.record;

const kFull = { since: '2026-03-11', paid: true, owner: '15350946056', site: 'https://example.com/a' };

for (const [locale, expected] of [
  ['pt-BR', ['Pequena', 'R$ 1.234,50', '11 de mar. de 2026', '11 de mar. de 2026, 12:00', 'sim', '153.509.460-56', 'https://example.com/a', '12,5%', '15%', '170.000', '12,35']],
  ['en', ['Small', 'R$1,234.50', 'Mar 11, 2026', 'Mar 11, 2026, 12:00 PM', 'yes', '153.509.460-56', 'https://example.com/a', '12.5%', '15%', '170,000', '12.35']],
]) {
  test(`every format, in ${locale}`, () => {
    const stall = aStall({ rent: 123_450, ...kFull });
    return visitStall(browser, stall, { locale, timezoneId: 'UTC' }, async (page) => {
      const cells = (await cellsOf(page, stall)).map((text) => text.replace(/\s/g, ' '));
      assert.deepEqual(cells, [stall.name, ...expected]);
      assert.equal(await row(page, stall).locator('.tone').getAttribute('data-tone'), 'plain');
      assert.equal(await row(page, stall).getByRole('link').getAttribute('rel'), 'noopener');
    });
  });
}

test('what a record says leads nowhere but to pages', () => {
  const stall = aStall({ site: 'javascript:alert(1)' });
  return visitStall(browser, stall, {}, async (page) => {
    assert.match((await cellsOf(page, stall)).join(), /javascript:alert/);
    assert.equal(await row(page, stall).getByRole('link').count(), 0);
  });
});

test('rows are searched, filtered and paged', () =>
  visitPage(browser, '/market/', {}, async (page) => {
    const stalls = Array.from({ length: 6 }, (_, index) => aStall({ size: index === 0 ? 'large' : 'small' }));
    stalls[5].since = '2031-05-04';
    await send(page, 'stall', ...stalls);
    const rows = page.locator(`${kTable} tr[data-key]`);
    await search(page, stalls[2].name);
    await eventually(() => rows.count(), (count) => count === 1);
    await row(page, stalls[2]).waitFor();
    await search(page, '');
    await page.locator(`${kTable} select`).selectOption('large');
    await row(page, stalls[0]).waitFor();
    await eventually(() => page.locator(`${kTable} .tone`).allInnerTexts(), (tones) => tones.every((tone) => tone === 'Grande'));
    await page.locator(`${kTable} select`).selectOption('');
    await page.locator(`${kTable} [type=month]`).fill('2031-05');
    await row(page, stalls[5]).waitFor();
    await page.locator(`${kTable} [type=month]`).fill('');
    const shown = () => rows.evaluateAll((all) => all.map(({ dataset }) => dataset.key));
    const firstPage = async () => (await ask(page, '/api/v1/views/stall/list')).stalls.map(({ id }) => id);
    const [first] = await agree(async () => [await shown(), await firstPage()]);
    assert.equal(first.length, 5);
    await page.locator(kTable).getByRole('button', { name: 'Próxima página' }).click();
    await eventually(shown, (keys) => keys.length > 0 && keys[0] !== first[0]);
    await page.locator(kTable).getByRole('button', { name: 'Página anterior' }).click();
    await agree(async () => [await shown(), await firstPage()]);
  }));

test('a row is edited as it is shown, and keeps what it was not asked about', () => {
  const stall = aStall(kFull);
  return visitStall(browser, stall, {}, async (page) => {
    await button(page, stall, 'Editar').click();
    await eventually(() => page.locator('#row-form-field-rent').inputValue(), (text) => text === '150,00');
    assert.equal(await page.locator('#row-form-field-name').inputValue(), stall.name);
    assert.deepEqual(await page.locator('#row-form label').allInnerTexts(), ['Nome', 'Tamanho', 'Aluguel', 'Desde (opcional)']);
    await screenshot(page, 'table-edit');
    await page.locator('#row-form-field-rent').fill('R$ 2.001,5');
    await page.locator('#row-form-field-since').fill('');
    await page.locator('#row-form-send').click();
    await said(row(page, stall), 'done').waitFor();
    await page.locator('#row-form').waitFor({ state: 'hidden' });
    await eventually(() => cellsOf(page, stall), (cells) => cells[2].endsWith('2.001,50') && cells[3] === '–');
    const { since, ...kept } = kFull;
    assert.deepEqual(await recordOf(page, stall), { name: stall.name, size: 'small', rent: 200_150, ...kept });
    await eventually(() => page.evaluate(() => document.activeElement.textContent), (text) => text === 'Editar');
  });
});

test('what the views refuse is said where it was asked, and nothing is changed', () => {
  const stall = aStall();
  return visitStall(browser, stall, {}, async (page) => {
    await button(page, stall, 'Editar').click();
    await page.locator('#row-form-field-name').fill('Banca fechada');
    await page.locator('#row-form-field-rent').fill('1');
    await page.locator('#row-form-send').click();
    await page.locator('#row-form-problem', { hasText: 'a closed stall stays as it is' }).waitFor();
    await screenshot(page, 'table-refused');
    await page.locator('#row-form-field-rent').fill('0,50');
    await page.locator('#row-form-send').click();
    await page.locator('#row-form .field-fault', { hasText: 'Número pequeno demais: no mínimo R$' }).waitFor();
    await page.locator('#row-form [data-close]').click();
    await eventually(() => row(page, stall).locator('.said').textContent(), (text) => text === '');
    assert.equal((await recordOf(page, stall)).name, stall.name);
  });
});

test('who deletes a row is asked once more', () => {
  const stall = aStall();
  return visitStall(browser, stall, {}, async (page) => {
    const remove = row(page, stall).locator('.danger');
    await remove.click();
    await says(remove, /^Apagar mesmo\?$/);
    await page.locator(`${kTable} [type=search]`).focus();
    await says(remove, /^Apagar$/);
    assert.ok(await recordOf(page, stall));
    await remove.click();
    await remove.click();
    await row(page, stall).waitFor({ state: 'detached' });
    assert.equal(await recordOf(page, stall), undefined);
    await says(page.locator('#announcer'), /^Feito\.$/);
    await page.locator(kTable).getByText('Nada aqui ainda.').waitFor();
  });
});

test('what may be done only to some rows is offered only there', () => {
  const stall = aStall({ size: 'large' });
  return visitStall(browser, stall, {}, async (page) =>
    assert.deepEqual(await row(page, stall).locator('button').allInnerTexts(), ['Detalhes', 'Três visitas', 'Visitas']));
});

test('an action uploads a record about the row; its outcome stands beside it, and what it changes is seen', () => {
  const stall = aStall();
  return visitStall(browser, stall, {}, async (page) => {
    await button(page, stall, 'Detalhes').click();
    const inside = page.locator('.opened [data-view="visit/of"]');
    await inside.getByText('Nada aqui ainda.').waitFor();
    await button(page, stall, 'Três visitas').click();
    await said(row(page, stall), 'done').waitFor();
    await inside.locator('canvas').waitFor();
    const guests = () => inside.locator('tbody td').allTextContents();
    await eventually(guests, (texts) => texts.join() === '3');
    await row(page, stall).getByRole('button', { name: `Visitas: ${stall.name}`, exact: true }).click();
    await page.locator('#row-form-field-guests').fill('500');
    await page.locator('#row-form-send').click();
    await page.locator('#row-form-problem', { hasText: 'there is no room for so many' }).waitFor();
    await page.locator('#row-form-field-guests').fill('50');
    await page.locator('#row-form-send').click();
    await eventually(guests, (texts) => texts.join() === '3,50');
    await page.locator('.opened form input').fill('7');
    await page.locator('.opened [type=submit]').click();
    await eventually(guests, (texts) => texts.join() === '3,50,7');
    await screenshot(page, 'table-opened');
  });
});

test('an outcome that nobody knows is not called done', () => {
  const stall = aStall();
  return visitStall(browser, stall, {}, async (page) => {
    await page.route('**/api/v1/uploads/**', (route) => route.fulfill({ status: 503, json: { status: 503 } }));
    await button(page, stall, 'Três visitas').click();
    await said(row(page, stall), 'done').getByText('Ainda não se sabe').waitFor();
  });
});

for (const [status, words] of [[403, 'Sua conta não pode fazer isto.'], [429, 'Tentativas demais'], [503, 'O serviço está ocupado']]) {
  test(`what the service turns away is said in words: ${status}`, () => {
    const stall = aStall();
    return visitStall(browser, stall, {}, async (page) => {
      await page.route('**/api/v1/records/visit', (route) => route.fulfill({ status, json: { status } }));
      await button(page, stall, 'Três visitas').click();
      await said(row(page, stall), 'refused').getByText(words).waitFor();
      assert.ok(await button(page, stall, 'Três visitas').isEnabled());
    });
  });
}

test('who has to log in for an action is asked to, and it is done then', () => {
  const stall = aStall();
  return visitStall(browser, stall, {}, async (page) => {
    await page.route('**/api/v1/records/visit', (route) => route.fulfill({ status: 401, json: { status: 401 } }), { times: 1 });
    await button(page, stall, 'Três visitas').click();
    await page.locator('#login[open]').waitFor();
    await page.locator('#login [data-close]').click();
    await said(row(page, stall), 'refused').getByText('Entre para fazer isto.').waitFor();
  });
});

test('the rows that are searched for are saved as a table, all pages of them', () => {
  const stall = aStall({ name: '=1+1', since: '2026-03-11' });
  return visitStall(browser, stall, {}, async (page) => {
    const download = page.waitForEvent('download');
    await page.locator(kTable).getByRole('button', { name: 'CSV' }).click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), 'list.csv');
    const lines = (await readFile(await saved.path(), 'utf8')).split('\r\n');
    assert.match(lines[0], /^\ufeffBanca,Nome,Tamanho,Aluguel em centavos,Desde,/);
    const own = lines.find((line) => line.startsWith(stall.id));
    assert.ok(own.startsWith(`${stall.id},'=1+1,small,15000,2026-03-11`), own);
  });
});

test('pages of a table are joined where their columns are the same', () => {
  const stall = aStall();
  return visitStall(browser, stall, {}, async (page) => {
    const pages = { '': ['a,b\r\n1,2\r\n', 'x'], 'x': ['a,b\r\n"3\r\n",4\r\n', 'y'], 'y': ['a,c\r\n5,6\r\n', null] };
    await page.route('**/api/v1/views/stall/list**', async (route) => {
      if (await route.request().headerValue('accept') !== 'text/csv') return route.continue();
      const [body, next] = pages[new URL(route.request().url()).searchParams.get('cursor') ?? ''];
      return route.fulfill({ body, headers: next ? { Link: `<?cursor=${next}>; rel="next"` } : {} });
    });
    const saved = [];
    page.on('download', (download) => saved.push(download));
    await page.locator(kTable).getByRole('button', { name: 'CSV' }).click();
    await eventually(async () => saved.length, (count) => count === 2);
    const texts = await Promise.all(saved.map(async (one) => readFile(await one.path(), 'utf8')));
    assert.deepEqual(texts, ['\ufeffa,b\r\n1,2\r\n"3\r\n",4\r\n', '\ufeffa,c\r\n5,6\r\n']);
  });
});

test('what is in focus, opened or asked stays while others change the rows', () => {
  const stall = aStall();
  return visitStall(browser, stall, {}, async (page) => {
    await button(page, stall, 'Detalhes').click();
    await page.locator('.opened form input').fill('12');
    const remove = row(page, stall).locator('.danger');
    await remove.click();
    const other = aStall({ id: `a-${stall.id}`, name: `${stall.name} ao lado` });
    await send(page, 'stall', other);
    await row(page, other).waitFor();
    await send(page, 'stall', { ...stall, rent: 99_900 });
    await eventually(() => cellsOf(page, stall), (cells) => cells[2].endsWith('999,00'));
    assert.equal(await remove.innerText(), 'Apagar mesmo?');
    assert.ok(await remove.evaluate((node) => node === document.activeElement));
    assert.equal(await page.locator('.opened form input').inputValue(), '12');
  });
});
