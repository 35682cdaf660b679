import { afterEach, expect, test } from 'vitest';

import { Inspection, turn } from '../base/inspection.ts';
import { currentCensus, forgetCensus, gatherChecks, shareCensus } from './shared-census.ts';

const inspection = new Inspection();
afterEach(() => shareCensus(false));

test('a check that is alone looks for itself', () => {
  expect(currentCensus(inspection).maps).not.toBe(currentCensus(inspection).maps);
});

test('checks at the same time share a heap walk within a turn of the event loop, without what has ended since', async () => {
  shareCensus(true);
  const timer = setTimeout(() => undefined, 60_000);
  const immediate = setImmediate(() => undefined);
  const first = currentCensus(inspection);
  expect(first.timers).toContain(timer);
  expect(first.immediates).toContain(immediate);
  clearTimeout(timer);
  clearImmediate(immediate);
  const second = currentCensus(inspection);
  expect(second.maps).toBe(first.maps);
  expect(second.timers).not.toContain(timer);
  expect(second.immediates).not.toContain(immediate);
  await turn();
  expect(currentCensus(inspection).maps).not.toBe(first.maps);
});

test('a census that is forgotten is taken again: nothing of it is kept alive', () => {
  shareCensus(true);
  const { maps } = currentCensus(inspection);
  forgetCensus();
  expect(currentCensus(inspection).maps).not.toBe(maps);
});

test('checks that are about to look in different turns wait for one another, and share a heap walk', async () => {
  shareCensus(true);
  const look = async () => {
    await gatherChecks();
    return currentCensus(inspection).maps;
  };
  const first = look();
  await turn();
  const second = look();
  expect(await first).toBe(await second);
  expect(await look()).not.toBe(await first);
});
