// Text stands out from its ground as WCAG 2 asks at level AA: 4.5 to 1, large text 3 to 1.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { desk, file, launch, reached, choose, sendAndReachCache, sendButton, transaction, visit } from './harness.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Runs in the page: the texts in sight with too little contrast. */
function faintTexts() {
  const parse = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number);
    return { red, green, blue, alpha };
  };
  const over = (top, under) => Object.fromEntries(['red', 'green', 'blue'].map((part) =>
    [part, top[part] * top.alpha + under[part] * (1 - top.alpha)]).concat([['alpha', 1]]));
  const ground = (node) => {
    if (!node) return { red: 255, green: 255, blue: 255, alpha: 1 };
    const own = parse(getComputedStyle(node).backgroundColor);
    return own.alpha === 1 ? own : over(own, ground(node.parentElement));
  };
  const luminance = ({ red, green, blue }) => {
    const [r, g, b] = [red, green, blue].map((value) => (value <= 10 ? value / 3294 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (node, style) => {
    const under = ground(node);
    const [light, dark] = [luminance(over(parse(style.color), under)), luminance(under)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const isText = (node) => [...node.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== '');
  const isInSight = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().width > 1;
  return [...document.querySelectorAll('body *')].filter((node) => isText(node) && isInSight(node) && !node.disabled).flatMap((node) => {
    const style = getComputedStyle(node);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(node, style);
    return ratio < (isLarge ? 3 : 4.5) ? [`${ratio.toFixed(2)} ${node.textContent.trim().slice(0, 40)}`] : [];
  });
}

for (const colorScheme of ['light', 'dark']) {
  test(`every state of the page can be read (${colorScheme})`, () =>
    visit(browser, { colorScheme }, async (page) => {
      await desk(page, 'empty');
      assert.deepEqual(await page.evaluate(faintTexts), [], 'empty');
      const record = transaction();
      await sendAndReachCache(page, file('Dados.json', [record]));
      await sendAndReachCache(page, file('Dados - Fraude1.json', [{ ...record, endereco: 'Cidade B, Estado B, 2000' }]));
      await page.locator('.flag', { hasText: record._id }).getByText('Cidade B').waitFor();
      assert.deepEqual(await page.evaluate(faintTexts), [], 'alarm');
      await choose(page, file('errado.json', [transaction({ email: 'sem arroba' })]));
      await sendButton(page).click();
      await reached(page, 'refused');
      assert.deepEqual(await page.evaluate(faintTexts), [], 'refused');
      await page.getByRole('button', { name: 'Preencher à mão' }).click();
      await page.locator('#record-form-send').click();
      assert.deepEqual(await page.evaluate(faintTexts), [], 'form');
    }));
}
