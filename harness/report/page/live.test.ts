import path from 'node:path';

import type { ResultPromise } from 'execa';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startBrowser, watchedPage } from '../../../test/browser.ts';
import { lastfin, temporaryFolder } from '../../../test/command-line.ts';
import { has } from '../../../test/optional.ts';

const here = has('chromium');
// its cases end soon: it dies of its first connection
const DIES = ['--target', 'test/programs/dies.yaml', '--case', 'lifecycle/close-unused[by=*]'];
const MORE = ['--case', 'faults/client-reset[phase=idle]', 'faults/client-reset[phase=unused]'];

let browser: Browser;
let folder: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder, done } = await temporaryFolder());
  if (here) browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  if (here) await browser.close();
  await done();
});

/** Address that the command prints; it comes before the first case. */
async function addressOf(run: ResultPromise): Promise<string> {
  let text = '';
  run.all?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await expect.poll(() => text, { timeout: 60_000 }).toMatch(/live view: http\S+\n/);
  return /live view: (http\S+)/.exec(text)?.[1] ?? '';
}

describe.skipIf(!here)('lastfin run --ui', () => {
  test('shows cases as they end, opens them, and ends with the run', async () => {
    // again and again, so that there is time to look around before the run is over
    const often = ['--jobs', '1', '--repeat', '20'];
    const run = lastfin(['run', ...DIES, ...MORE, ...often, '--ui', '--out', path.join(folder, 'ui')]);
    const { page, complaints, requests } = await watchedPage(browser);
    await page.addInitScript(() => {
      const headings: string[] = [];
      Object.assign(globalThis, { headings });
      new MutationObserver(() => {
        const text = document.querySelector('h1')?.textContent ?? '';
        if (headings.at(-1) !== text) headings.push(text);
      }).observe(document, { childList: true, characterData: true, subtree: true });
    });
    await page.goto(await addressOf(run));
    await page.locator('.live', { hasText: 'of 4 cases' }).waitFor();
    await page.locator('.live code').first().waitFor({ timeout: 60_000 });
    // while others run, the first can be opened
    await page.locator('.cause a', { hasText: '[' }).first().click({ timeout: 60_000 });
    await page.locator('.finding .line.it').first().waitFor();
    await page.locator('.brand').click();
    await page.locator('.live.ended').waitFor({ timeout: 60_000 });
    await page.getByRole('heading', { level: 1, name: /^4 cases failed/ }).waitFor();
    const headings = await page.evaluate(() => (globalThis as unknown as { headings: string[] }).headings);
    expect(headings).toContain('no case was run');
    expect(headings.filter((text) => /^[123] cases? failed/.test(text)).length).toBeGreaterThan(0);
    expect((await run).exitCode).toBe(1);
    expect(complaints).toEqual([]);
    const origin = new URL(page.url()).origin;
    expect(requests.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    await page.context().close();
  });

  test('with --ui-stay it goes on after the run, until it is stopped', async () => {
    const run = lastfin(['run', ...DIES, '--ui-stay', '--out', path.join(folder, 'stay')]);
    const { page } = await watchedPage(browser);
    const address = await addressOf(run);
    await page.goto(address);
    await page.locator('.live.ended', { hasText: 'This view stays' }).waitFor({ timeout: 120_000 });
    await page.goto(`${address}#view=cases`);
    await page.reload();
    await page.locator('.row').first().click();
    await page.locator('.finding').first().waitFor();
    run.kill('SIGINT');
    expect((await run).exitCode).toBe(1);
    await page.context().close();
  });
});
