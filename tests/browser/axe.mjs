// What axe finds wrong with a page, by the rules of WCAG and those of good practice.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const kAxe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Of what is in sight: `rule: elements`. */
export async function violations(page) {
  await page.evaluate(kAxe);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
