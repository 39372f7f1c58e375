// What the page's tests share: Debian's Chromium, the address of the running stack, files, screenshots.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';

const kProject = fileURLToPath(new URL('../..', import.meta.url));
const kScreenshots = process.env.COMPORTA_SCREENSHOTS ?? path.join(kProject, 'build/screenshots');
const kArguments = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const kWaitMs = 120_000; // of a machine that is busy

export const kDesktop = { width: 1280, height: 900 };
export const kPhone = { width: 360, height: 740 };

export function baseUrl() {
  const url = process.env.COMPORTA_URL;
  assert.ok(url, 'COMPORTA_URL must hold the address of a running stack, such as http://127.0.0.1:8080');
  return url;
}

export const launch = () => chromium.launch({
  executablePath: process.env.COMPORTA_CHROMIUM ?? '/usr/bin/chromium',
  args: kArguments,
});

/** Runs `use(page)` on the page, freshly opened by someone new who wants nothing to move: a colour on its way to another one is
    neither. Fails on any script error or CSP breach. */
export async function visit(browser, options, use) {
  const context = await browser.newContext({
    locale: 'pt-BR', viewport: kDesktop, reducedMotion: 'reduce', baseURL: baseUrl(), ...options });
  const page = await context.newPage();
  const faults = [];
  page.setDefaultTimeout(kWaitMs);
  page.on('pageerror', (error) => faults.push(error.stack ?? String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
  });
  try {
    await page.goto('/');
    await use(page);
    assert.deepEqual(faults, []);
  } finally {
    await page.unrouteAll({ behavior: 'ignoreErrors' }); // what is just being answered
    await context.close();
  }
}

/** Kept as test output; a document, that is, the whole height of the page. */
export async function screenshot(page, name) {
  await mkdir(kScreenshots, { recursive: true });
  await page.screenshot({ path: path.join(kScreenshots, `${name}.png`), fullPage: true });
}

/** Runs `use(folder)` with a folder that is gone afterwards. */
export async function withFolder(use) {
  const folder = await mkdtemp(path.join(tmpdir(), 'comporta-page-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A transaction that no earlier run has sent. */
export function transaction(changes = {}) {
  return {
    _id: `browser-${crypto.randomUUID()}`,
    isActive: true,
    cliente: 'Cliente fulano',
    email: 'clientefulanoo@example.com',
    endereco: 'Cidade A, Estado A, 1000',
    datatrasancao: '2024-03-11T12:00:00 +00:00',
    ...changes,
  };
}

/** A file as the browser's file chooser hands it over. */
export const file = (name, content) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content)),
});

/** Waits for the page to know its kinds: before that it takes no file, but the test could choose one. */
export const choose = (page, chosen) => page.locator('#file:enabled').setInputFiles(chosen);
export const sendButton = (page) => page.locator('#send');
export const dropText = (page) => page.locator('#drop').innerText();
export const newestUpload = (page) => page.locator('.upload').first();

/** Waits until the newest upload has that badge (`data-badge`), such as cached or refused. */
export const reached = (page, badge) => page.locator(`li:first-child > .upload[data-badge="${badge}"]`).waitFor();

export async function sendAndReachCache(page, chosen) {
  await choose(page, chosen);
  await desk(page, 'ready');
  await sendButton(page).click();
  await reached(page, 'cached');
}

/** One of the samples, by its title. */
export async function sendSample(page, title) {
  await page.locator('#samples').getByRole('button', { name: title, exact: true }).click();
  await desk(page, 'ready');
  await sendButton(page).click();
  await reached(page, 'cached');
}

/** What the chart in there shows: `[[label, value]]`. */
export const charted = (page, panel) => page.evaluate((place) => {
  const chart = globalThis.Chart?.getChart(document.querySelector(`${place} canvas`));
  return chart ? chart.data.labels.map((label, index) => [label, chart.data.datasets[0].data[index]]) : [];
}, panel);

/** The texts of the table in there, row by row. */
export const tabled = (page, panel) => page.locator(`${panel} table tbody tr:not([hidden])`).evaluateAll((rows) =>
  rows.map((row) => [...row.cells].map((cell) => cell.textContent)));

/** What the API answers, 404 being null. */
export async function ask(page, path) {
  const response = await page.request.get(path);
  return response.status() === 404 ? null : response.json();
}

/** Waits until `look()` resolves to what `isRight` says yes to, and resolves to it. */
export async function eventually(look, isRight) {
  const deadline = Date.now() + kWaitMs;
  for (;;) {
    const isLast = Date.now() >= deadline;
    const seen = await look();
    if (isRight(seen)) return seen;
    assert.ok(!isLast, `still ${JSON.stringify(seen)}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

/** Waits until `look()` resolves to just that: what is drawn is drawn some time after what leads to it. */
export const becomes = (look, expected) => eventually(look, (seen) => isDeepStrictEqual(seen, expected));

/** Waits until the text in there is one like this, and resolves to it. */
export const says = (place, words) => eventually(() => place.innerText(), (text) => words.test(text));

/** Waits until `look()` resolves to two alike, what is shown and what should be, and resolves to them. Who looks at both at
    once is not misled by what other tests add meanwhile. */
export const agree = (look) => eventually(look, ([shown, expected]) => isDeepStrictEqual(shown, expected));

/** Waits until nothing of the page is beyond the window's `'Width'`, or `'Height'`: what is just drawn finds its size. */
export const fits = (page, side = 'Width') => page.waitForFunction((which) =>
  document.documentElement[`scroll${which}`] <= window[`inner${which}`], side);

/** The object at that link, once it is stored: an upload may be in the cache before. */
export async function storedText(page, link, headers = {}) {
  const answer = await eventually(() => page.request.get(link, { headers }), (got) => got.status() === 200);
  return answer.text();
}

/** Of all that are suspected the page hears of those that `isOwn(key)` says, and not of those of other tests. */
export const watchOnly = (page, isOwn) => page.route('**/api/v1/views/transaction/flags**', async (route) => {
  const response = await route.fetch();
  if (response.status() !== 200) return route.fulfill({ response });
  const { flags, ...rest } = await response.json();
  return route.fulfill({ response, json: { ...rest, flags: flags.filter(({ transactionId }) => isOwn(transactionId)) } });
});

/** Waits until the chosen file has been read: `ready` or `faulty`. */
export const desk = (page, state) => page.locator(`#drop[data-state="${state}"]`).waitFor();
