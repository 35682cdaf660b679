/**
 * What is here now and was not at the baseline: a heap walk only where something may be, and a snapshot only when something asks for it.
 */
import type net from 'node:net';
import type { Baseline } from './baseline.ts';
import { takeCensus } from './census.ts';
import { areNamed, findCollections, listGrown, nameGrown, type Grown } from './find-collections.ts';
import { findDescriptors } from './find-descriptors.ts';
import { findListeners } from './find-listeners.ts';
import { findLive } from './find-live.ts';
import { findRetained } from './find-retained.ts';
import { mergeFound, type Found } from './found.ts';
import { Inspection, turn } from './inspection.ts';
import { listLive } from './live.ts';
import { isSpent } from './live-sockets.ts';
import { Locator } from './locate.ts';
import { readFileStacks } from './origins.ts';
import type { Report } from './protocol.ts';
import { mayHaveNew } from './quick-look.ts';
import { Retainer } from './retainer.ts';

/** More than this many leaked objects of a kind are not looked for in the snapshot. */
const MARKED = 2000;

export type ReportMade = {
  report: Report;
  /** fingerprint → the collections and emitters that grew, for arming */
  grew: Map<string, WeakRef<object>[]>;
};

export async function makeReport(baseline: Baseline): Promise<ReportMade> {
  const started = performance.now();
  await turn();
  readFileStacks();
  if (!(await mayHaveNew(baseline))) {
    return { report: { suspects: [], took: Math.round(performance.now() - started) }, grew: new Map() };
  }
  await turn();
  const inspection = new Inspection();
  try {
    const { found, grown, spent } = await look(inspection, baseline);
    const stillThere = await survivors(inspection, spent, baseline);
    const collections = await retainedAndGrown(inspection, found, grown, stillThere);
    const suspects = mergeFound([...found, ...collections]);
    const grew = new Map(
      suspects.flatMap((one) =>
        one.grew ? [[one.suspect.fingerprint, one.grew.map((object) => new WeakRef(object))] as const] : [],
      ),
    );
    const took = Math.round(performance.now() - started);
    return { report: { suspects: suspects.map(({ suspect }) => suspect), took }, grew };
  } finally {
    inspection.close();
  }
}

async function look(
  inspection: Inspection,
  baseline: Baseline,
): Promise<{ found: Found[]; grown: Grown[]; spent: WeakRef<net.Socket>[] }> {
  const census = takeCensus(inspection);
  const locator = new Locator(inspection);
  const found = [
    ...(await findLive(listLive(census, locator), baseline, locator)),
    ...(await findListeners(census, baseline, locator)),
    ...findDescriptors(baseline),
  ];
  const spent = census.sockets.filter(isSpent).map((socket) => new WeakRef(socket));
  locator.forget();
  return { found: mergeFound(found), grown: listGrown(census, baseline), spent };
}

/** Stacks read by now and finished callbacks have let go of some: those are no leak. */
async function survivors(
  inspection: Inspection,
  spent: WeakRef<net.Socket>[],
  baseline: Baseline,
): Promise<net.Socket[]> {
  if (spent.length <= baseline.spent) return [];
  await turn();
  inspection.collectGarbage();
  await turn();
  const alive = spent.flatMap((reference) => reference.deref() ?? []);
  return alive.length > baseline.spent ? alive.filter((socket) => !baseline.seen.has(socket)) : [];
}

async function retainedAndGrown(
  inspection: Inspection,
  found: Found[],
  grown: Grown[],
  spent: net.Socket[],
): Promise<Found[]> {
  if (spent.length === 0 && areNamed(grown)) return findCollections(grown);
  const asked = [
    ...spent,
    ...grown.map(({ object }) => object),
    ...found.flatMap(({ causes }) => causes.slice(0, MARKED)),
  ];
  const retainer = await Retainer.take(inspection, asked);
  nameGrown(grown, retainer);
  const collections = mergeFound(findCollections(grown));
  return [...collections, ...findRetained(spent, retainer, [...found, ...collections])];
}
