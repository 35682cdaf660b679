/**
 * Reports what was created since the baseline and is still here. Walks the heap and takes a snapshot only if nothing cheaper decides.
 */
import type net from 'node:net';
import type { Baseline } from './baseline.ts';
import type { ImmediateLike } from '../census/census.ts';
import { currentCensus, forgetCensus, gatherChecks } from '../census/shared-census.ts';
import { findCollections, isNamed, listGrown, nameGrown, type Grown } from './find-collections.ts';
import { findDescriptors } from './find-descriptors.ts';
import { findLostHandles } from '../hooks/file-handles.ts';
import { findListeners } from './find-listeners.ts';
import { findLive } from './find-live.ts';
import { findRetained } from './find-retained.ts';
import { mergeFound, type Found } from './found.ts';
import { findNodeTables } from './node-tables.ts';
import { Inspection, turn } from '../base/inspection.ts';
import { listLive } from '../census/live.ts';
import { Locator } from '../census/locate.ts';
import { readFileStacks } from '../hooks/origins.ts';
import { readTimerStacks } from '../hooks/promised-timers.ts';
import type { NameGiven, Report } from '../../protocol.ts';
import { takeKnownCensus } from './known-census.ts';
import { collected, quickLook } from './quick-look.ts';
import { Retainer } from '../snapshot/snapshot-query.ts';
import { renewStacks } from '../base/stack-budget.ts';
import { destroyedSockets, survivors } from '../census/destroyed-sockets.ts';
import { longestSweep } from './sweeps.ts';
import { noSnapshot } from '../snapshot/take-snapshot.ts';
import type { Unnamed } from './placeholders.ts';
import { warningsSeen } from '../hooks/warnings.ts';

/** Most leaked objects of a kind that are looked up in the snapshot. */
const MARKED = 2000;

export type ReportMade = {
  report: Report;
  /** collections and emitters that grew, by fingerprint, for arming */
  grew: Map<string, WeakRef<object>[]>;
};

/**
 * @param placeholders gives growth only a number, unless sockets are open: then no more rounds will follow
 * @param allNames names also what has not grown since it got its number
 */
export async function makeReport(
  baseline: Baseline,
  placeholders: boolean,
  allNames = false,
): Promise<ReportMade> {
  const started = performance.now();
  await turn();
  readFileStacks();
  readTimerStacks();
  renewStacks();
  const left = await quickLook(baseline);
  if (left === 'nothing') {
    const took = Math.round(performance.now() - started);
    return { report: { suspects: [], ...warnings(), took }, grew: new Map() };
  }
  await turn();
  // objects that the first collection released may have kept more
  const hasRun = left === 'known' ? await collected() : undefined;
  const inspection = new Inspection();
  try {
    const { found, grown, destroyed } = await look(inspection, baseline, hasRun);
    const stillThere = destroyed.length > baseline.destroyed ? await survivors(inspection, destroyed) : [];
    const kept =
      stillThere.length > baseline.destroyed ? stillThere.filter((socket) => !baseline.seen.has(socket)) : [];
    const isEnough = placeholders && !found.some(isOpenSocket);
    const { more, names, blind } = await retainedAndGrown(inspection, found, grown, kept, baseline.unnamed, {
      isEnough,
      allNames,
    });
    const suspects = mergeFound([...found, ...more]);
    const grew = new Map(
      suspects.flatMap((one) =>
        one.grew ? [[one.suspect.fingerprint, one.grew.map((object) => new WeakRef(object))] as const] : [],
      ),
    );
    const hasCollections = suspects.some(({ suspect }) => suspect.resource === 'collection');
    const sweepsWithin = hasCollections ? await longestSweep(baseline, new Locator(inspection)) : undefined;
    const took = Math.round(performance.now() - started);
    return {
      report: {
        suspects: suspects.map(({ suspect }) => suspect),
        ...(names ? { names } : {}),
        ...(blind === undefined ? {} : { blind: [blind] }),
        ...warnings(),
        ...(sweepsWithin === undefined ? {} : { sweepsWithin }),
        took,
      },
      grew,
    };
  } finally {
    inspection.close();
  }
}

function warnings(): Pick<Report, 'warnings'> {
  const seen = warningsSeen();
  return seen.length === 0 ? {} : { warnings: seen };
}

/** @param hasRun immediate that has just run, if no heap walk is needed */
async function look(
  inspection: Inspection,
  baseline: Baseline,
  hasRun: ImmediateLike | undefined,
): Promise<{ found: Found[]; grown: Grown[]; destroyed: WeakRef<net.Socket>[] }> {
  const known = hasRun && takeKnownCensus(inspection, baseline, hasRun);
  if (known === undefined) await gatherChecks();
  const census = known ?? currentCensus(inspection);
  const locator = new Locator(inspection);
  const found = [
    ...(await findLive(listLive(census, locator), baseline, locator)),
    ...(await findListeners(census, baseline, locator)),
    ...findDescriptors(baseline),
    ...findLostHandles(),
    ...findNodeTables(baseline),
  ];
  const destroyed = destroyedSockets(census);
  locator.forget();
  return { found: mergeFound(found), grown: listGrown(census, baseline.sizes), destroyed };
}

function isOpenSocket({ suspect: { resource, rule } }: Found): boolean {
  return resource === 'socket' && rule === 'presence';
}

async function retainedAndGrown(
  inspection: Inspection,
  found: Found[],
  grown: Grown[],
  destroyed: net.Socket[],
  unnamed: Unnamed,
  { isEnough, allNames }: { isEnough: boolean; allNames: boolean },
): Promise<{ more: Found[]; names?: Record<string, NameGiven[]>; blind?: string }> {
  const fresh = grown.filter((one) => !isNamed(one));
  const isDone = isEnough || !(allNames || unnamed.hasMore(fresh, destroyed));
  const blind = isDone ? undefined : noSnapshot();
  if (isDone || blind !== undefined) {
    const more = [...findCollections(grown), ...unnamed.suspects(fresh, destroyed)];
    return { more, ...(blind === undefined ? {} : { blind }) };
  }
  const asked = [
    ...destroyed,
    ...grown.map(({ object }) => object),
    ...found.flatMap(({ causes }) => causes.slice(0, MARKED)),
  ];
  forgetCensus();
  const retainer = await Retainer.take(inspection, asked);
  nameGrown(grown, retainer);
  const collections = mergeFound(findCollections(grown));
  const retained = findRetained(destroyed, retainer, [...found, ...collections]);
  return {
    more: [...collections, ...retained.values()],
    names: unnamed.names(grown, destroyed, (socket) => retained.get(socket)?.suspect.fingerprint),
  };
}
