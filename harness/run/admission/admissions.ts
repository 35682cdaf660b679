import { everyNeed } from '../../faults/case-needs.ts';
import type { Ability } from '../../lab/abilities.ts';
import type { Machine } from '../../lab/machine.ts';
import type { Want } from '../../want.ts';
import type { NetworkKind } from '../../lab/network/network.ts';
import type { Case } from '../../scenario/case.ts';
import type { Fidelity } from '../../scenario/trigger.ts';
import { requiredAbilities } from '../../targets/file/requirements.ts';
import type { Target } from '../../targets/file/target.ts';
import { admit, type AdmissionContext, SOCKET_TABLE } from './admit.ts';
import { waitsForConnects } from '../../scenario/case-traits.ts';
import type { LabMode } from '../../lab/lab-mode.ts';
import type { Entry, Observation } from '../../journal/entry.ts';
import { journalHead } from '../journal-head.ts';
import { Recorder } from '../../journal/recorder.ts';

/** A case that runs, with its target and its network. */
export type Admitted = { testCase: Case; target: Target; network: NetworkKind };

/** A case that cannot run here, with its whole journal. */
export type Skipped = { testCase: Case; target: Target; journal: Entry[]; want?: Want };

/** A case that does not apply to its target; `settings`: settings that would make it apply. */
export type NotApplicable = { testCase: Case; target: Target; reason: string; settings?: readonly string[] };

export type Admissions = { admitted: Admitted[]; skipped: Skipped[]; notApplicable: NotApplicable[] };

type Chosen = Pick<AdmissionContext, 'target' | 'replaced' | 'named' | 'route'> & { testCase: Case };

export type AdmitOptions = {
  mode: LabMode;
  machine: Machine;
  /** version of lastfin */
  lastfin: string;
  toxiproxy?: string;
  requireFidelity?: Fidelity;
  /** report a missing ability as an error of the lab, not as a skip (LASTFIN_REQUIRE_ALL=1, for machines that must have all) */
  requireAll?: boolean;
};

/** Abilities of the machine to try before these cases are admitted. */
export function abilitiesToTry(chosen: readonly Pick<Chosen, 'testCase' | 'target'>[]): Set<Ability> {
  return new Set(
    chosen.flatMap(({ testCase, target }) => [
      ...everyNeed(testCase),
      ...requiredAbilities(target),
      ...(waitsForConnects(testCase) ? [SOCKET_TABLE] : []),
    ]),
  );
}

function requiredButMissing(reason: string, { what, fix }: Want): Observation {
  const message = `${reason}; LASTFIN_REQUIRE_ALL=1 asks for all that cases need, and ${what} is missing: ${fix}`;
  return { type: 'lab-error', code: 'LASTFIN_LAB', message };
}

/** Sorts the chosen cases into those that run, those that cannot be had here, and those that are not about their target. */
export function admitAll(
  chosen: readonly Chosen[],
  {
    mode,
    machine,
    lastfin,
    toxiproxy,
    requireFidelity,
    requireAll = process.env['LASTFIN_REQUIRE_ALL'] === '1',
  }: AdmitOptions,
): Admissions {
  const sorted: Admissions = { admitted: [], skipped: [], notApplicable: [] };
  for (const { testCase, target, ...context } of chosen) {
    const admission = admit(testCase, {
      target,
      mode,
      machine,
      ...(toxiproxy === undefined ? {} : { toxiproxy }),
      ...context,
    });
    if (admission.as === 'run') {
      sorted.admitted.push({ testCase, target, network: admission.network });
      continue;
    }
    if (admission.as === 'not-applicable') {
      const { as: _, ...why } = admission;
      sorted.notApplicable.push({ testCase, target, ...why });
      continue;
    }
    const { as: _, ...why } = admission;
    const recorder = new Recorder(() => undefined);
    recorder.write({
      ...journalHead(testCase, target, lastfin),
      ...(requireFidelity === undefined ? {} : { requireFidelity }),
    });
    recorder.write(
      requireAll && why.want !== undefined
        ? requiredButMissing(why.reason, why.want)
        : { type: 'skipped', ...why },
    );
    sorted.skipped.push({ testCase, target, journal: recorder.entries, ...why });
  }
  return sorted;
}
