// What the tests of the snack bar share: its menu, its employees, and an order on its way.

import { ask, eventually, kWaitMs } from './harness.mjs';
import { adminToken, applied } from './people_harness.mjs';

const kMenu = [
  { id: 'x-burger', title: 'X-Burger', category: 'burgers', price: 2500, minutes: 10, description: 'Pão, carne e queijo' },
  { id: 'x-salada', title: 'X-Salada', category: 'burgers', price: 2800, minutes: 10 },
  { id: 'batata', title: 'Batata frita', category: 'sides', price: 1200, minutes: 6 },
  { id: 'guarana', title: 'Guaraná', category: 'drinks', price: 700, minutes: 1 },
  { id: 'pudim', title: 'Pudim', category: 'desserts', price: 1000, minutes: 1 },
];

/** The menu, and an employee who may log in. */
export async function withSnackBar(page) {
  const headers = { Authorization: `Bearer ${await adminToken()}` };
  await applied(page, 'menu-item', kMenu, headers);
  const employee = { name: 'Beto', email: `beto-${crypto.randomUUID()}@example.com`, password: 'uma senha comprida', roles: ['employee'] };
  await applied(page, 'employee', employee, headers);
  return employee;
}

export const steps = (page) => page.locator('[data-as="steps"]');
export const headline = (page, text) => steps(page).locator('.step-title', { hasText: text }).waitFor();
export const press = (page, name) => steps(page).locator('.step-foot').getByRole('button', { name, exact: true }).click();
export const choice = (page, item) => steps(page).locator(`[data-view="snack-order/choices"] tr[data-key="${item}"]`);
export const inOrder = (page, item) => steps(page).locator(`[data-view="snack-order/order"] tr[data-key="${item}"]`);

/** The order that the page has begun, as the API has it. */
export async function orderOf(page) {
  const id = await page.evaluate(() => sessionStorage.getItem('comporta.begun.snack-order/order'));
  return ask(page, `/api/v1/views/snack-order/order?order=${id}`);
}

/** What somebody does at the provider's page: the charge of that order is paid, by a click. */
export async function payAtProvider(browser, id) {
  const page = await browser.newPage();
  page.setDefaultTimeout(kWaitMs);
  await page.goto(process.env.COMPORTA_PAYMENT_PAGE);
  await Promise.all([
    page.waitForResponse((response) => response.url().includes('/control/pay')), // and the shop has been told
    page.locator(`article[data-reference="${id}"]`).getByRole('button', { name: 'Pagar / Pay', exact: true }).click(),
  ]);
  await page.close();
}

/** From the first press to the order's number. */
export async function placeAnOrder(page) {
  await press(page, 'Fazer um pedido');
  await headline(page, 'Vamos começar');
  await press(page, 'Continuar');
  await headline(page, 'Escolha o lanche');
  await choice(page, 'x-burger').getByRole('button', { name: 'Adicionar: X-Burger' }).click();
  await inOrder(page, 'x-burger').waitFor();
  for (const next of ['Escolha o acompanhamento', 'Escolha a bebida', 'Escolha a sobremesa', 'Confira o pedido']) {
    await press(page, 'Continuar');
    await headline(page, next);
  }
  await press(page, 'Fechar o pedido');
  await headline(page, 'Agora é só pagar');
  return eventually(() => orderOf(page), ({ state }) => state === 'placed');
}
