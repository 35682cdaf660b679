import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { CaseResult } from '../../judge/verdict.ts';
import type { Position, SocketLife } from '../../probe/protocol.ts';
import { htmlParts } from '../files/write-html.ts';
import { type HtmlParts, toHtml } from '../html/html-report.ts';
import type { EarlierRun } from '../html/earlier-run.ts';
import type { Entry } from '../../journal/entry.ts';
import type { RunReport } from '../run-report.ts';
import { anOlderJournal } from '../testing/sample-journal.ts';
import { aResult, aRun, variety } from '../testing/sample-run.ts';
import { aTimedFailure, aTimedJournal } from '../testing/timed-run.ts';
import { GUTTER, MARGIN } from './timeline/view-state.ts';
import { startBrowser, type WatchedPage, watchedPage } from '../../../test/browser.ts';
import { temporaryFolder } from '../../../test/command-line.ts';
import { has } from '../../../test/optional.ts';

const here = has('chromium');
const CASE = 'faults/client-reset[phase=idle]';
const NASTY = '</script><img src=x onerror="window.hit=1"><b>\u001B[31mred\u001B[0m \u202Egnp.exe';

/** Characters that a terminal obeys, or that turn text around. */
const OBEYED = /\p{Cc}(?<!\s)|\u202E/u;

let browser: Browser;
let folder: string;
let done: () => Promise<void>;
let watched: WatchedPage;
let opened = 0;

beforeAll(async () => {
  ({ folder, done } = await temporaryFolder());
  if (here) browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  if (here) await browser.close();
  await done();
});

/** Writes a report and opens it from disk. */
async function open(
  report: RunReport,
  hash = '',
  {
    journal = aTimedJournal(),
    history,
    ...options
  }: { journal?: Entry[]; history?: HtmlParts['history']; dark?: boolean; script?: boolean } = {},
): Promise<WatchedPage> {
  const file = path.join(folder, `${++opened}.html`);
  const journalsOf = ({ verdict }: CaseResult): Entry[][] => (verdict === 'failed' ? [journal] : []);
  await writeFile(
    file,
    toHtml(report, { ...htmlParts(folder), journalsOf, ...(history === undefined ? {} : { history }) }),
  );
  watched = await watchedPage(browser, options);
  await watched.page.goto(`${pathToFileURL(file).href}${hash}`);
  return watched;
}

type TraceEvent = {
  name: string;
  cat: string;
  pid: number;
  tid: number;
  tdur?: number;
  args?: { name?: string };
};

/**
 * Tasks of the page's main thread that took more than 100 ms of processor time: on a busy machine the time on the clock, which
 * PerformanceObserver tells, is that of others, too.
 */
function longTasks(events: readonly TraceEvent[]): { seen: number; long: number[] } {
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = events
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && mains.has(`${pid} ${tid}`))
    .flatMap(({ tdur }) => (tdur === undefined ? [] : [tdur / 1000]));
  return { seen: tasks.length, long: tasks.filter((ms) => ms > 100) };
}

const failing = (): RunReport => aRun([aTimedFailure(), ...variety()]);

/** A case whose connections ended wrongly, with the lives of the target's sockets: lines of the program of {@link aTimedFailure}. */
function anEarlyEnd(): CaseResult {
  const at = (line: number, name?: string): Position => ({
    file: 'test/programs/two-mistakes.mjs',
    line,
    column: 5,
    ...(name === undefined ? {} : { name }),
  });
  const incoming: SocketLife = {
    side: 'incoming',
    count: 6,
    open: false,
    steps: [
      { kind: 'came', what: 'end', at: 4, where: [at(6)] },
      { kind: 'ended', what: 'destroy()', at: 5, where: [at(17, 'helper'), at(9, 'onHangUp')], usual: 1 },
    ],
  };
  const outgoing: SocketLife = {
    side: 'outgoing',
    count: 6,
    open: true,
    steps: [{ kind: 'came', what: 'error', at: 3, detail: 'ECONNRESET', where: [at(17)] }],
  };
  return aTimedFailure({
    findings: [
      {
        kind: 'termination',
        message: 'incoming: 0 ended as `normal`, expected 6',
        fingerprint: 'termination incoming normal other number',
        side: 'incoming',
        reason: 'normal',
        expected: '6',
        actual: 0,
        lives: [incoming, outgoing],
      },
    ],
  });
}

const RUN: EarlierRun = {
  started: '2026-01-02T00:00:00.000Z',
  targets: [],
  counts: { passed: 1, failed: 0, flaky: 0, skipped: 0, error: 0 },
  took: 1000,
};

describe.skipIf(!here)('the page of the report', () => {
  afterEach(async () => {
    const { page, complaints, requests } = watched;
    await page.context().close();
    expect(complaints).toEqual([]);
    // the page itself, however often, and nothing else
    expect(new Set(requests.map((url) => url.split('#')[0])).size).toBe(1);
  });

  test('begins with the causes: the line in its code, the fix, the number of cases', async () => {
    const { page } = await open(failing());
    await page
      .getByRole('heading', { level: 1, name: '2 cases failed, 1 case was flaky, 5 causes' })
      .waitFor();
    const cause = page.locator('.cause', { hasText: '6 timers left after 6 connections' });
    expect(await cause.locator('.line.it').textContent()).toContain('setTimeout(');
    expect(await cause.locator('.advice').textContent()).toContain('Clear it in the one place');
    await cause.locator('a.cases').click();
    await page.locator('#listed', { hasText: '1 of 8 cases' }).waitFor();
    expect(page.url()).toContain('cause=timer');
  });

  test('a wrong end has the life of its sockets: the call that ended one, and that nobody ended the other', async () => {
    const passed = aResult({ id: 'faults/client-reset[phase=unused]', cell: { phase: 'unused' } });
    const { page } = await open(aRun([anEarlyEnd(), passed]), `#case=${CASE}`);
    const lives = page.locator('.lives');
    await lives.waitFor();
    expect(await lives.locator('> ol > li .when').allTextContents()).toEqual(['0 ms', '1 ms', '2 ms', '']);
    const ended = lives.locator('li.ended');
    expect(await ended.first().locator('.stack li').allTextContents()).toEqual([
      'test/programs/two-mistakes.mjs:17:5 helper',
      'test/programs/two-mistakes.mjs:9:5 onHangUp',
    ]);
    // the line that no connection of the warm-up came through is shown first
    expect(await ended.first().locator('.line.it .text').first().textContent()).toContain('onHangUp');
    expect(await ended.last().textContent()).toContain(
      'No call of the program ended it. The last that came was ‘error’: its listeners did not end it.',
    );
    expect(await page.locator('.siblings').textContent()).toContain('passes in [phase=unused]');
    await page.locator('#copy-markdown').click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain('6 incoming: destroy() after ‘end’, from');
    expect(copied).toContain('6 outgoing: no call of the program ended it after ‘error ECONNRESET’');
  });

  test('a case has its findings, timeline, ends, and a way to take it along', async () => {
    const { page } = await open(failing(), `#case=${CASE}&t=213`);
    await page.getByRole('heading', { level: 1, name: CASE }).waitFor();
    expect(await page.locator('.finding').count()).toBe(2);
    expect(await page.locator('.follows').textContent()).toContain('6 upstreams saw reset');
    expect(await page.locator('.path li').allTextContents()).toEqual([
      '(timers)',
      'Timeout',
      'context',
      'client',
      'Socket',
    ]);
    expect(await page.locator('.zoom').textContent()).toContain('at 213 ms');
    expect(await page.locator('.fault-name').allTextContents()).toEqual([
      'toxic latency at upstream toxiproxy',
      'reset by client wire',
    ]);
    expect(await page.locator('.chart h4').allTextContents()).toEqual([
      'descriptors 24',
      'active resources 19',
      'records 6',
      'heap used MiB5.0',
      'resident memory MiB46.9',
    ]);
    expect(await page.locator('.log').textContent()).toContain('"msg":"client reset"');
    expect(await page.locator('tr.wrong').allTextContents()).toEqual([
      'incomingeconnreset65✕',
      'incomingerror01✕',
    ]);
    await page.locator('#copy-markdown').click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^## failed: `faults\/client-reset\[phase=idle\]`\n/);
    expect(copied).toContain('>  8 |   setTimeout(');
    expect(copied).toContain('How to fix: Clear it');
    expect(copied).toContain('216.2 ms stderr: Error: read ECONNRESET');
  });

  test('lanes and charts are drawn, and follow the pointer, a drag and a double click', async () => {
    const { page } = await open(failing(), `#case=${CASE}`);
    const canvas = page.locator('.lanes canvas');
    await canvas.waitFor();
    const painted = (): Promise<number> =>
      canvas.evaluate((element: HTMLCanvasElement) => {
        const { data } = element.getContext('2d')?.getImageData(0, 0, element.width, element.height) ?? {
          data: [],
        };
        let count = 0;
        for (let index = 3; index < data.length; index += 4) if ((data[index] ?? 0) > 0) count++;
        return count;
      });
    await expect.poll(painted).toBeGreaterThan(2000);
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('no canvas');
    // the client's RST stands at 211.5 ms
    const before = await page.locator('.zoom .figure').textContent();
    const x = box.x + GUTTER + ((211.5 - 124.3) / (258.6 - 124.3)) * (box.width - GUTTER - MARGIN);
    await page.mouse.move(x, box.y + 8);
    await page.locator('.tooltip', { hasText: 'client sent RST' }).waitFor();
    await page.mouse.down();
    await page.mouse.move(x + 100, box.y + 8, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(() => page.locator('.zoom .figure').textContent())
      .not.toContain(before?.split(' · ')[0]);
    await canvas.dblclick({ position: { x: 300, y: 8 } });
    await page.getByRole('button', { name: 'Whole case', pressed: true }).waitFor();
  });

  test('a journal without times says so, and shows how connections ended', async () => {
    const result = aTimedFailure();
    const { page } = await open(aRun([result]), `#case=${result.id}`, {
      journal: anOlderJournal(),
    });
    await page.getByText('This journal has no times of connections').waitFor();
    await page.locator('.lanes canvas').waitFor();
  });

  test('filters, search and keys lead to a case and back; each is in the address', async () => {
    const { page } = await open(failing(), '#view=cases');
    await page.locator('.row').first().waitFor();
    await page.locator('.chip', { hasText: 'passed' }).click();
    await page.locator('#listed', { hasText: '3 of 8' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('refused');
    await page.locator('#listed', { hasText: '1 of 8' }).waitFor();
    expect(page.url()).toMatch(/q=refused.*verdict=passed/);
    await page.reload();
    await page.locator('#listed', { hasText: '1 of 8' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#listed', { hasText: /^8 cases/ }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'field/hp-abort' }).waitFor();
    await page.keyboard.press('k');
    await page.getByRole('heading', { level: 1, name: CASE }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.row.chosen', { hasText: CASE }).waitFor();
    await page.locator('#filter-kind').selectOption('drain');
    await page.locator('#listed', { hasText: '2 of 8' }).waitFor();
  });

  test('the matrix has a square a case, by verdict and by drain; skips have their reasons', async () => {
    const { page } = await open(failing(), '#view=matrix');
    await expect.poll(() => page.locator('.cell').count()).toBe(8);
    await page.getByRole('button', { name: 'by drain' }).click();
    await expect.poll(() => page.locator('.by-drain .cell.heat').count()).toBe(4);
    await page.getByLabel('targets/nginx: error').click();
    await page.getByText('nginx was not ready').waitFor();
    await page.goto(`${page.url().split('#')[0]}#view=not-run`);
    await page.getByText('needs a network namespace').waitFor();
  });

  test('the runs before on the same targets are a trend, with the figures of each', async () => {
    const report = failing();
    const targets = [...new Set(report.results.map(({ target }) => target))];
    const run = (day: number, p99: number, changes: Partial<EarlierRun> = {}): EarlierRun => ({
      started: `2026-01-0${day}T00:00:00.000Z`,
      targets,
      counts: { passed: 9, failed: day, flaky: 0, skipped: 0, error: 0 },
      drain: { p50: 3, p99 },
      took: 60_000,
      ...changes,
    });
    const earlier = [
      run(1, 120, { started: '2025-12-30T00:00:00.000Z', commit: 'abcdef0123456789' }),
      run(1, 5000, { started: '2025-12-31T00:00:00.000Z', targets: ['another'] }),
      run(1, 80, { started: '2026-01-01T00:00:00.000Z' }),
    ];
    const { page } = await open(report, '', { history: { earlier, now: run(2, 240) } });
    const trend = page.locator('.trend');
    expect(await page.locator('h2', { hasText: 'Trend over the last 3 runs' }).count()).toBe(1);
    const drain = trend.getByRole('img', { name: 'drain, p99: 120 ms, 80 ms, 240 ms' });
    expect(await drain.locator('circle').count()).toBe(3);
    expect(await drain.locator('title').first().textContent()).toContain('2025-12-30 00:00 · abcdef012');
    expect(await trend.textContent()).toContain('80 ms before');
    // memory was not measured
    expect(await trend.textContent()).not.toContain('memory');
  });

  test('a first run has no trend', async () => {
    const { page } = await open(failing(), '', { history: { earlier: [], now: RUN } });
    await page.locator('.hero').waitFor();
    expect(await page.locator('.trend').count()).toBe(0);
  });

  test('dark colours come with the system, and the button changes them', async () => {
    const { page } = await open(failing(), '', { dark: true });
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.locator('h1').waitFor();
    expect(await background()).toBe('rgb(15, 18, 22)');
    // paper is white
    await page.emulateMedia({ media: 'print' });
    const text = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).color);
    expect([await background(), await text()]).toEqual(['rgb(255, 255, 255)', 'rgb(29, 33, 39)']);
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('button', { name: 'Auto' }).click();
    expect(await background()).toBe('rgb(247, 247, 245)');
  });

  test('names and lines of hostile targets stay text', async () => {
    const nasty = aTimedFailure({ id: NASTY, scenario: NASTY, about: NASTY, target: NASTY });
    for (const finding of nasty.findings) finding.message = NASTY;
    const journal: Entry[] = [...aTimedJournal(), { t: 215, type: 'output', stream: 'stdout', text: NASTY }];
    const { page } = await open(aRun([nasty]), '', { journal });
    await page.locator('.cause').waitFor();
    for (const view of ['#view=cases', '#view=matrix', '#view=not-run']) {
      await page.goto(`${page.url().split('#')[0]}${view}`);
      await page.locator('main').waitFor();
    }
    await page.goto(`${page.url().split('#')[0]}#view=cases`);
    await page.locator('.row').click();
    await page.locator('.log', { hasText: 'onerror' }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate(() => 'hit' in globalThis)).toBe(false);
    expect(await page.locator('body').textContent()).not.toMatch(OBEYED);
    expect(await page.locator('.case h1').textContent()).toContain('<img src=x');
  });

  test('a broken block or journal is said, and the rest is shown', async () => {
    const { page } = await open(failing(), `#case=${CASE}`, {
      journal: [{ t: 0, type: 'sample' } as Entry],
    });
    await page.getByText(/The timeline cannot be shown/).waitFor();
    expect(await page.locator('.finding').count()).toBe(2);
    await page.goto(`${page.url().split('#')[0]}#case=no-such-case`);
    await page.getByText('No case no-such-case').waitFor();
  });

  test('without script it is a table', async () => {
    const { page } = await open(failing(), '', { script: false });
    expect(await page.locator('tbody tr').count()).toBe(8);
    expect(await page.locator('ol li').first().textContent()).toContain('crash: died');
  });

  test('5,000 cases scroll, filter and search without a long task', async () => {
    const results = Array.from({ length: 5000 }, (_, index) =>
      index % 20 === 0
        ? aTimedFailure({
            id: `faults/many-${index % 50}[n=${index}]`,
            scenario: `faults/many-${index % 50}`,
          })
        : aResult({
            id: `area-${index % 7}/many-${index % 50}[n=${index}]`,
            scenario: `area-${index % 7}/many-${index % 50}`,
            drain: index,
          }),
    );
    const { page } = await open(aRun(results), '#view=cases');
    await page.locator('#listed', { hasText: '5,000 cases' }).waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(100);
    await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
    for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 6000);
    await expect.poll(() => page.locator('.row').first().textContent()).not.toContain('faults/many-0[n=0]');
    await page.locator('#search').pressSequentially('many-3 n=1', { delay: 20 });
    await page.locator('#listed', { hasText: ' of 5,000' }).waitFor();
    await page.locator('#search').fill('');
    await page.locator('.chip', { hasText: 'failed' }).click();
    await page.locator('#listed', { hasText: '250 of 5,000' }).waitFor();
    await page.goto(`${page.url().split('#')[0]}#view=matrix`);
    await expect.poll(() => page.locator('.cell').count(), { timeout: 30_000 }).toBe(5000);
    const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
    const tasks = longTasks(traceEvents);
    expect(tasks.seen).toBeGreaterThan(50);
    expect(tasks.long).toEqual([]);
  });
});
