// What axe finds wrong with a page, by the rules of WCAG and those of good practice.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const kAxe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const kLooks = 3; // what is just being drawn is another thing at the next one

async function look(page) {
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Of what is in sight, and lasts: `rule: elements`. */
export async function violations(page) {
  await page.evaluate(kAxe);
  let found = await look(page);
  for (let looks = 1; found.length > 0 && looks < kLooks; looks++) {
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    const again = await look(page);
    found = found.filter((one) => again.includes(one));
  }
  return found;
}
