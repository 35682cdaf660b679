/**
 * Handles one request of the harness and makes its reply.
 */
import { advance } from './time/advance.ts';
import { listAlive } from './alive.ts';
import { armGrown, explainArmed } from './diff/arm.ts';
import { takeBaseline, type Baseline } from './diff/baseline.ts';
import { failNoMore, failSockets } from './fail-sockets.ts';
import { findGrownObjects } from './snapshot/grown-objects.ts';
import { allocatedBy, keptHeap, sampleAllocations } from './heap.ts';
import { forgetFollowed } from './lives/follow-sockets.ts';
import { listLives } from './lives/list-lives.ts';
import { HEAP_FINGERPRINT, type Position, type Reply, type Request } from '../protocol.ts';
import { makeReport, type ReportMade } from './diff/report.ts';
import { keepSnapshot } from './snapshot/take-snapshot.ts';
import { takeSample } from './sample.ts';
import { sourceMapUrl } from './source-map-url.ts';
import { readsFiles, stillThere } from './hooks/started.ts';

let baseline: Baseline | undefined;
let grew: ReportMade['grew'] = new Map();

export async function answer(request: Request): Promise<Reply> {
  const { id } = request;
  try {
    switch (request.do) {
      case 'sample':
        return { id, ok: takeSample() };
      case 'started':
        return { id, ok: { reads: readsFiles(), started: stillThere() } };
      case 'baseline':
        baseline = undefined;
        forgetFollowed();
        baseline = await takeBaseline();
        return { id, ok: null };
      case 'report': {
        if (!baseline) return { id, error: 'a report needs a baseline first' };
        const made = await makeReport(baseline, request.placeholders === true);
        grew = made.grew;
        return { id, ok: made.report };
      }
      case 'keep-heap':
        return { id, ok: await keepSnapshot(request.file) };
      case 'arm':
        armGrown(grew);
        if (request.allocations === true) sampleAllocations();
        return { id, ok: null };
      case 'explain':
        return { id, ok: { ...explainArmed(), ...heapExplained() } };
      case 'heap':
        return { id, ok: (await keptHeap()) ?? 0 };
      case 'objects': {
        const started = performance.now();
        const suspects = await findGrownObjects(request.connections);
        return { id, ok: { suspects, took: Math.round(performance.now() - started) } };
      }
      case 'lives':
        return { id, ok: await listLives() };
      case 'alive':
        return { id, ok: await listAlive() };
      case 'source-map':
        return { id, ok: await sourceMapUrl(request.file) };
      case 'advance':
        return { id, ok: await advance(request.ms, request.late) };
      case 'fail':
        failSockets(request.order);
        return { id, ok: null };
      case 'fail-no-more':
        return { id, ok: failNoMore(request.order) };
    }
    return { id, error: `unknown request ${String((request satisfies never as { do: unknown }).do)}` };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function heapExplained(): Record<string, Position[]> {
  const where = allocatedBy();
  return where.length === 0 ? {} : { [HEAP_FINGERPRINT]: where };
}
