import type { Machine } from '../lab/machine.ts';
import type { Want } from '../want.ts';
import type { NetworkKind } from '../lab/network.ts';
import type { Case, Fidelity } from '../scenario/scenario.ts';
import type { Target } from '../target/target-file.ts';
import { admit, type AdmissionContext } from './admit.ts';
import type { LabMode } from './choose-network.ts';
import type { Entry } from './journal.ts';
import { journalHead } from './journal-head.ts';
import { Recorder } from './recorder.ts';

/** A case that runs, and what it stands on. */
export type Admitted = { plan: Case; target: Target; network: NetworkKind };

/** A case that cannot run here, with its whole journal. */
export type Skipped = { plan: Case; target: Target; journal: Entry[]; want?: Want };

/** A case that does not apply to its target; `settings`: those that would make it apply. */
export type NotApplicable = { plan: Case; target: Target; reason: string; settings?: readonly string[] };

export type Admissions = { admitted: Admitted[]; skipped: Skipped[]; notApplicable: NotApplicable[] };

type Chosen = Pick<AdmissionContext, 'target' | 'replaced' | 'named'> & { plan: Case };

/** Sorts the chosen cases into those that run, those that cannot be had here, and those that are not about their target. */
export function admitAll(
  chosen: readonly Chosen[],
  {
    mode,
    machine,
    lastfin,
    requireFidelity,
  }: { mode: LabMode; machine: Machine; lastfin: string; requireFidelity?: Fidelity },
): Admissions {
  const sorted: Admissions = { admitted: [], skipped: [], notApplicable: [] };
  for (const { plan, target, ...context } of chosen) {
    const admission = admit(plan, { target, mode, machine, ...context });
    if (admission.as === 'run') {
      sorted.admitted.push({ plan, target, network: admission.network });
      continue;
    }
    const { as, ...why } = admission;
    if (as === 'not-applicable') {
      sorted.notApplicable.push({ plan, target, ...why });
      continue;
    }
    const recorder = new Recorder(() => undefined);
    recorder.write({
      ...journalHead(plan, target, lastfin),
      ...(requireFidelity === undefined ? {} : { requireFidelity }),
    });
    recorder.write({ type: 'skipped', ...why });
    sorted.skipped.push({ plan, target, journal: recorder.entries, ...why });
  }
  return sorted;
}
