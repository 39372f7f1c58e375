// Draws the dashboards of DATA (pictures.py) with Chromium and Debian's Chart.js: draw.mjs DATA FOLDER

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch } from '../browser/harness.mjs';

const kLibrary = '/usr/share/javascript/chart.js/chart.min.js';
const kPage = new URL('page.html', import.meta.url);
const kPanels = fileURLToPath(new URL('panels.js', import.meta.url));
const [data, folder] = process.argv.slice(2);

const browser = await launch();
try {
  for (const dashboard of JSON.parse(await readFile(data, 'utf8'))) {
    const page = await browser.newPage({ viewport: { width: 1600, height: 200 } });
    await page.goto(kPage.href);
    for (const path of [kLibrary, kPanels]) await page.addScriptTag({ path });
    await page.evaluate((one) => globalThis.draw(one), dashboard);
    await page.screenshot({ path: `${folder}/${dashboard.name}.png`, fullPage: true });
    await page.close();
  }
} finally {
  await browser.close();
}
