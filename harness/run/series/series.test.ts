import { openSync, closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Entry } from '../../journal/entry.ts';
import { Recorder } from '../../journal/recorder.ts';
import { emptySample } from '../../probe/observer.ts';
import { lookFromOutside } from './look-from-outside.ts';
import { nextLook } from './next-look.ts';
import { OutputLog } from './output-log.ts';
import { Series } from './series.ts';

const PID = { pid: process.pid, ownSession: false };

test('looks come every 50 ms at first, and about 200 of them in two minutes', () => {
  let looks = 1;
  for (let at = 0; at < 120_000; looks++) at += nextLook(looks, 0.1);
  expect(looks).toBeGreaterThan(150);
  expect(looks).toBeLessThan(210);
  expect(nextLook(0, 0.1)).toBe(50);
  // a process with very many descriptors takes long to look at
  expect(nextLook(0, 20)).toBe(1000);
});

test('descriptors and memory are read through /proc; nothing of a process that is gone', () => {
  const before = lookFromOutside([process.pid]);
  const descriptors = Array.from({ length: 50 }, () => openSync('/dev/null', 'r'));
  const after = lookFromOutside([process.pid, 2 ** 30]);
  for (const descriptor of descriptors) closeSync(descriptor);
  expect((after?.descriptors ?? 0) - (before?.descriptors ?? 0)).toBeGreaterThan(40);
  expect(after?.rss).toBeGreaterThan(1024);
  expect(lookFromOutside([2 ** 30])).toBeUndefined();
});

test('writes counts from start to stop, and what samples tell that were taken anyway', async () => {
  const recorder = new Recorder(() => undefined);
  const series = new Series(recorder, PID);
  const sample = { ...emptySample(), gauges: { records: 7 }, resources: { Timeout: 2 }, heapUsed: 2 ** 20 };
  let asked = 0;
  const observer = series.listeningTo({
    sample: () => {
      asked++;
      return Promise.resolve(sample);
    },
    baseline: () => Promise.resolve(),
    report: () => Promise.resolve({ suspects: [], took: 0 }),
    memory: () => Promise.resolve(0),
    objects: () => Promise.resolve({ suspects: [], took: 0 }),
    memoryKind: 'kept',
    arm: () => Promise.resolve(),
    explain: () => Promise.resolve({}),
    alive: () => Promise.resolve({ alive: [] }),
    blind: [],
  });
  await observer.sample();
  expect(recorder.entries).toEqual([]);
  series.start();
  for (const end = performance.now() + 10_000; recorder.entries.length < 3 && performance.now() < end;)
    await delay(20);
  // nothing but the run asks the target
  expect(asked).toBe(1);
  const [first] = recorder.entries;
  expect(first).toMatchObject({
    type: 'counts',
    descriptors: expect.any(Number),
    rss: expect.any(Number),
  });
  expect(first).not.toHaveProperty('records');
  for (let number = 0; number < 100; number++) expect(await observer.sample()).toBe(sample);
  series.stop();
  await observer.sample();
  const told = recorder.entries.filter((entry) => entry.type === 'counts' && entry.records !== undefined);
  expect(told[0]).toMatchObject({ records: 7, active: { Timeout: 2 }, heap: 1024 });
  // a hundred samples in a row are no hundred entries
  expect(told.length).toBeLessThan(20);
});

test('without series nothing is written', () => {
  const recorder = new Recorder(() => undefined, { series: false });
  const series = new Series(recorder, PID);
  series.start();
  series.stop();
  const log = new OutputLog(recorder);
  log.add('stdout', 'hello');
  log.close();
  expect(recorder.entries).toEqual([]);
});

const outputs = (recorder: Recorder): Extract<Entry, { type: 'output' }>[] =>
  recorder.entries.filter((entry) => entry.type === 'output');

test('output comes between the entries of its time, with its control characters', () => {
  const recorder = new Recorder(() => undefined);
  const log = new OutputLog(recorder);
  recorder.write({ type: 'opaque', reason: 'first' });
  log.add('stderr', '\u001B[2J\u0000</script>');
  recorder.entries.push({ t: recorder.at(performance.now()) + 1000, type: 'opaque', reason: 'last' });
  log.close();
  expect(recorder.entries.map(({ type }) => type)).toEqual(['opaque', 'output', 'opaque']);
  expect(outputs(recorder)).toMatchObject([{ stream: 'stderr', text: '\u001B[2J\u0000</script>' }]);
});

test('of much output the last 64 KiB are kept, and a long line is cut', () => {
  const recorder = new Recorder(() => undefined);
  const log = new OutputLog(recorder);
  for (let number = 0; number < 100_000; number++) log.add('stdout', `line ${number}`);
  log.add('stdout', 'x'.repeat(10_000));
  log.add('stdout', '');
  log.close();
  const lines = outputs(recorder);
  const size = lines.reduce((sum, { text }) => sum + text.length, 0);
  expect(size).toBeLessThan(64 * 1024);
  expect(lines.length).toBeLessThan(2_000);
  expect(lines.at(-3)?.text).toBe('line 99999');
  expect(lines.at(-2)).toMatchObject({ text: 'x'.repeat(4096), cut: true });
  expect(lines.at(-1)).not.toHaveProperty('cut');
  expect(lines[0]?.dropped).toBe(100_002 - lines.length);
  expect(lines.filter(({ dropped }) => dropped !== undefined)).toHaveLength(1);
});
