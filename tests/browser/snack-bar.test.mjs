// The pages of the snack bar: somebody orders for themselves and pays at the provider, an employee moves the order, and
// the screen above the counter calls its number.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { ask, becomes, eventually, fits, kPhone, launch, screenshot, visit } from './harness.mjs';
import { fillLogin, isIn } from './people_harness.mjs';
import { choice, headline, inOrder, orderOf, payAtProvider, placeAnOrder, press, steps, withSnackBar } from './snack_harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const kPhoneOptions = { viewport: kPhone, hasTouch: true, isMobile: true };
const card = (page, number) => page.locator('.board-card', { has: page.locator(`strong > span:text-is("${number}")`) });
const columnOf = (page, number) => card(page, number).evaluate((node) => node.closest('.column').dataset.state);
const said = (page, state) => page.locator(`.step-foot .said[data-state="${state}"]`);

async function logInAs(page, employee) {
  await page.locator('#log-in').click();
  await page.locator('#login-kind').selectOption('employee');
  await fillLogin(page, employee);
  await isIn(page, employee);
}

/** An employee at the kitchen's page, in a browser of their own. */
const inTheKitchen = (employee, use) => visit(browser, {}, async (page) => {
  await logInAs(page, employee);
  await page.goto('/kitchen/');
  await use(page);
});

test('from the first press to handed out: chosen step by step, paid by its QR code, moved on the board', () =>
  visit(browser, kPhoneOptions, async (page) => {
    const employee = await withSnackBar(page);
    await page.goto('/snack-bar/');
    await press(page, 'Fazer um pedido');
    await headline(page, 'Vamos começar');
    await screenshot(page, 'snack-bar-begin');
    await press(page, 'Continuar');
    await headline(page, 'Escolha o lanche');
    await choice(page, 'x-burger').getByRole('button', { name: 'Quantidade e observação: X-Burger' }).click();
    await page.locator('#row-form-field-quantity').fill('2');
    await page.locator('#row-form-field-note').fill('sem cebola');
    await page.locator('#row-form-send').click();
    await inOrder(page, 'x-burger').getByText('sem cebola').waitFor();
    assert.equal(await choice(page, 'batata').count(), 0, 'a side is chosen at another step');
    await screenshot(page, 'snack-bar-choice');
    assert.deepEqual(await violations(page), []);
    await fits(page);
    await press(page, 'Continuar');
    await headline(page, 'Escolha o acompanhamento');
    await choice(page, 'batata').getByRole('button', { name: 'Adicionar: Batata frita' }).click();
    await inOrder(page, 'batata').waitFor();
    await press(page, 'Voltar');
    await headline(page, 'Escolha o lanche');
    for (const next of ['Escolha o acompanhamento', 'Escolha a bebida', 'Escolha a sobremesa', 'Confira o pedido']) {
      await press(page, 'Continuar');
      await headline(page, next);
    }
    await inOrder(page, 'batata').getByRole('button', { name: 'Tirar: Batata frita' }).click();
    await inOrder(page, 'batata').waitFor({ state: 'detached' });
    await steps(page).getByText('R$ 50,00').first().waitFor();
    await screenshot(page, 'snack-bar-look-over');
    // What somebody has begun is there again when the page is.
    await page.reload();
    await headline(page, 'Confira o pedido');
    await press(page, 'Fechar o pedido');
    await headline(page, 'Agora é só pagar');
    await steps(page).getByRole('img', { name: 'QR code' }).waitFor();
    const { id, number, qr } = await orderOf(page);
    await steps(page).locator('.qr-text', { hasText: qr }).waitFor();
    await screenshot(page, 'snack-bar-placed');
    assert.deepEqual(await violations(page), []);

    await inTheKitchen(employee, async (kitchen) => {
      const unpaid = kitchen.locator('[data-view="snack-order/unpaid"] tr', { has: kitchen.locator(`th:text-is("${number}")`) });
      await unpaid.first().getByRole('button', { name: 'Pago no balcão' }).click();
      await unpaid.first().getByText('Recusado: o pagamento é pelo QR code do pedido').waitFor();
      await payAtProvider(browser, id);
      await card(kitchen, number).getByText('2× X-Burger (sem cebola)').waitFor();
      await screenshot(kitchen, 'kitchen');
      assert.deepEqual(await violations(kitchen), []);
      await headline(page, 'Pago');
      for (const [name, state] of [['Em preparo', 'preparing'], ['Pronto', 'ready']]) {
        await card(kitchen, number).getByRole('button', { name: `Mover ${number} para: ${name}` }).click();
        await eventually(() => columnOf(kitchen, number), (column) => column === state);
      }
      await visit(browser, {}, async (counter) => {
        await counter.goto('/counter/');
        await eventually(() => columnOf(counter, number), (column) => column === 'ready');
        await screenshot(counter, 'counter');
        assert.deepEqual(await violations(counter), []);
      });
      await headline(page, 'Pronto para retirar');
      await card(kitchen, number).getByRole('button', { name: `Mover ${number} para: Entregue` }).click();
      await card(kitchen, number).waitFor({ state: 'detached' });
    });
    await headline(page, 'Entregue');
    await press(page, 'Fazer um pedido');
    await headline(page, 'Vamos começar');
  }));

test('what is refused says why in words for a customer, and an order can be cancelled until it is paid', () =>
  visit(browser, kPhoneOptions, async (page) => {
    await withSnackBar(page);
    await page.goto('/snack-bar/');
    const { id } = await placeAnOrder(page);
    // As from another device: what this page shows is not so any more.
    await page.route('**/api/v1/views/snack-order/order**', (route) => route.abort());
    const cancelled = await page.request.post('/api/v1/records/snack-move', { data: { order: id, action: 'cancel' } });
    assert.equal(cancelled.status(), 202);
    const { status } = await cancelled.json();
    await eventually(() => ask(page, status), ({ state }) => state === 'applied');
    await press(page, 'Cancelar o pedido');
    await said(page, 'refused').getByText('Recusado: o pedido foi cancelado').waitFor();
    await screenshot(page, 'snack-bar-refused');
    await page.unroute('**/api/v1/views/snack-order/order**');
    await headline(page, 'Pedido cancelado');
  }));

test('two taps are one step, and a card that was moved elsewhere meanwhile stays', () =>
  visit(browser, {}, async (page) => {
    const employee = await withSnackBar(page);
    await page.goto('/snack-bar/');
    await press(page, 'Fazer um pedido');
    await headline(page, 'Vamos começar');
    await steps(page).locator('.step-foot').getByRole('button', { name: 'Continuar' }).dblclick();
    await headline(page, 'Escolha o lanche');
    await eventually(() => orderOf(page), ({ state }) => state === 'waiting_burgers');
    await press(page, 'Cancelar o pedido');
    await headline(page, 'Pedido cancelado');
    const { id, number } = await placeAnOrder(page);
    await inTheKitchen(employee, async (kitchen) => {
      await steps(page).getByRole('img', { name: 'QR code' }).waitFor();
      await payAtProvider(browser, id);
      await card(kitchen, number).waitFor();
      await kitchen.route('**/api/v1/views/snack-order/kitchen**', (route) => route.abort());
      await inTheKitchen(employee, async (other) => {
        await card(other, number).getByRole('button', { name: `Mover ${number} para: Em preparo` }).click();
        await eventually(() => columnOf(other, number), (column) => column === 'preparing');
      });
      await card(kitchen, number).getByRole('button', { name: `Mover ${number} para: Em preparo` }).click();
      await card(kitchen, number).locator('.said[data-state="refused"]', { hasText: 'o pedido mudou desde que você olhou' }).waitFor();
    });
    assert.equal((await orderOf(page)).state, 'preparing');
  }));

test('the kitchen hears of new orders once somebody wants it to', () =>
  visit(browser, {}, async (page) => {
    const employee = await withSnackBar(page);
    await page.addInitScript(() => {
      const start = OscillatorNode.prototype.start;
      globalThis.rung = 0;
      OscillatorNode.prototype.start = function ring(...given) {
        globalThis.rung++;
        return start.apply(this, given);
      };
    });
    let orders = [{ id: 'a', number: 1, state: 'paid', items: ['1× X-Burger'], minutes: 0 }];
    await page.route('**/api/v1/views/snack-order/kitchen**', (route) => route.fulfill({ json: { orders } }));
    await logInAs(page, employee);
    await page.goto('/kitchen/');
    await card(page, 1).waitFor();
    const sound = page.getByRole('button', { name: 'Som' });
    assert.equal(await sound.getAttribute('aria-pressed'), 'false');
    orders = [...orders, { ...orders[0], id: 'b', number: 2 }];
    await card(page, 2).waitFor();
    assert.equal(await page.evaluate(() => globalThis.rung), 0);
    await sound.click();
    await becomes(() => page.evaluate(() => globalThis.rung), 1); // so it sounds
    orders = [...orders, { ...orders[0], id: 'c', number: 3 }];
    await card(page, 3).waitFor();
    await becomes(() => page.evaluate(() => globalThis.rung), 2);
    orders = orders.map((order) => ({ ...order, minutes: 1 }));
    await card(page, 3).getByText('1 min').waitFor();
    assert.equal(await page.evaluate(() => globalThis.rung), 2);
  }));
