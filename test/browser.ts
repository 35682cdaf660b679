import { type Browser, chromium, type Page } from 'playwright-core';

import { findChromium } from './optional.ts';

/** Starts a headless Chromium. */
export function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: install the package chromium');
  // root has no sandbox, and the pages are our own
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Page with all that it complained of, and all that it asked for beyond itself. */
export type WatchedPage = { page: Page; complaints: string[]; requests: string[] };

/** Opens an empty page that is watched. */
export async function watchedPage(
  browser: Browser,
  options: { dark?: boolean; script?: boolean } = {},
): Promise<WatchedPage> {
  const { dark = false, script = true } = options;
  const context = await browser.newContext({
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: script,
    viewport: { width: 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(request.url());
  });
  return { page, complaints, requests };
}
