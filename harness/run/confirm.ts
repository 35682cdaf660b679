import type { Report, Sample } from '../probe/protocol.ts';
import type { Case } from '../scenario/scenario.ts';
import type { CaseLab } from './case-lab.ts';
import { enlarge } from './enlarge.ts';
import { grows, hasSockets } from './growth.ts';
import { noteConnections, noteSettled } from './note.ts';
import type { Recorder } from './recorder.ts';
import { runRound } from './run-round.ts';
import { settle } from './settle.ts';

/**
 * Two more rounds like the judged one, with hooks on what grew: what grows with the number of connections is a leak, what
 * does not is a resident. True when something grew further.
 */
export async function confirm(
  plan: Case,
  lab: CaseLab,
  recorder: Recorder,
  baseline: Sample,
  first: Report,
  signal: AbortSignal,
): Promise<boolean> {
  recorder.phase('confirm', 2);
  await lab.probe.arm();
  let lastStep = performance.now();
  for (const round of [2, 3]) lastStep = await runRound(lab, recorder, round, plan, signal);
  const confirmed = await settle(lab, baseline, lastStep, plan, signal);
  noteSettled(lab, recorder, 'confirmed', 3, confirmed);
  recorder.write({ type: 'explained', lines: lab.positions.byFingerprint(await lab.probe.explain()) });
  noteConnections(lab, recorder, [2, 3]);
  if (!grows(first, first, confirmed.report)) return false;
  if (!hasSockets(confirmed.report))
    await enlarge(plan, lab, recorder, baseline, first, confirmed.report, signal);
  return true;
}
