import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { LabMode } from '../lab/lab-mode.ts';
import type { RunLab } from '../report/run-report.ts';
import type { CaseOnTarget } from './on-target.ts';

/** Puts the cases on a process that is running already. @throws LastfinError `LASTFIN_USAGE` for a target file without `attach` */
export function onRunning(chosen: readonly CaseOnTarget[], pid: number): CaseOnTarget[] {
  const without = chosen.find(({ target }) => target.attach === undefined);
  if (without !== undefined) {
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--pid needs a target file that says \`attach: { listen: host:port, upstream: host:port }\` (a server has no upstream), and ` +
        `\`${without.testCase.target}\` does not; name one with --target`,
    );
  }
  return chosen.map((one) => ({ ...one, target: { ...one.target, pid } }));
}

/** Checks that each target can be started. @throws LastfinError `LASTFIN_USAGE` for one without a command */
export function mustHaveCommand(chosen: readonly CaseOnTarget[]): void {
  const running = chosen.find(({ target }) => target.command.length === 0);
  if (running === undefined) return;
  throw new LastfinError(
    'LASTFIN_USAGE',
    `the target \`${running.testCase.target}\` has no \`command\`: say with --pid which process it is`,
  );
}

/** Lab of a process that is running already: the machine's own network. @throws LastfinError `LASTFIN_USAGE` for another one */
export function labOfRunning(asked: LabMode): RunLab {
  const why = 'a process that is running already (--pid) is in no namespace of ours';
  if (asked === 'auto' || asked === 'none') return { mode: 'none', why, fix: 'let lastfin start the target' };
  throw new LastfinError('LASTFIN_USAGE', `--lab ${asked}: ${why}; say --lab none`);
}
