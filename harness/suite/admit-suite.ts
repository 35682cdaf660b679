import { examineMachine } from '../lab/machine.ts';
import type { Lacks } from '../lab/machine.ts';
import type { RunLab, RunReport } from '../report/run-report.ts';
import { abilitiesToTry, type Admitted, admitAll, type Skipped } from '../run/admission/admissions.ts';
import { VERSION } from '../../shared/version.ts';
import { labOfRunning, mustHaveCommand, onRunning } from './attached.ts';
import { chooseLab } from './choose-lab.ts';
import { noneApplies, outsideOf } from './not-applicable.ts';
import { onTarget } from './on-target.ts';
import type { SuiteOptions } from './suite-options.ts';

/** The cases of a suite, sorted by what becomes of them on this machine. */
export type AdmittedSuite = {
  admitted: Admitted[];
  skipped: Skipped[];
  /** cases that do not apply to their target, as the report counts them */
  outside: Pick<RunReport, 'notApplicable' | 'wouldRun'>;
  lab: RunLab;
  /** abilities that the machine does not have */
  lacks: Lacks;
};

/** Chooses the lab, tries the abilities of the machine, and admits the cases. @throws LastfinError `LASTFIN_USAGE` where none applies */
export async function admitSuite({
  cases,
  pid,
  lab: asked = 'auto',
  toxiproxy = 'embedded',
  requireFidelity,
}: SuiteOptions): Promise<AdmittedSuite> {
  const given = cases.map(onTarget);
  if (pid === undefined) mustHaveCommand(given);
  const chosen = pid === undefined ? given : onRunning(given, pid);
  const lab = pid === undefined ? await chooseLab(asked, toxiproxy) : labOfRunning(asked);
  const machine = await examineMachine(abilitiesToTry(chosen));
  const { admitted, skipped, notApplicable } = admitAll(chosen, {
    mode: lab.mode,
    machine,
    lastfin: VERSION,
    toxiproxy,
    ...(requireFidelity === undefined ? {} : { requireFidelity }),
  });
  if (admitted.length + skipped.length === 0) throw noneApplies(notApplicable);
  return { admitted, skipped, outside: outsideOf(notApplicable), lab, lacks: machine.lacks };
}
