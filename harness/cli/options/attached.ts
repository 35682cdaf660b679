import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { LabMode } from '../../run/admission/choose-network.ts';
import type { RunLab } from '../../report/run-report.ts';
import type { Selected } from './selection.ts';

/** The selection on a process that is running already. @throws LastfinError `LASTFIN_USAGE` */
export function onRunning({ chosen }: Selected, pid: number): Selected {
  const without = chosen.find(({ target }) => target.attach === undefined);
  if (without !== undefined) {
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--pid needs a target file that says \`attach: { listen: host:port, upstream: host:port }\` (a server has no upstream), and ` +
        `\`${without.plan.target}\` does not; name one with --target`,
    );
  }
  return { chosen: chosen.map((one) => ({ ...one, target: { ...one.target, pid } })) };
}

/** The selection on targets that are to be started. @throws LastfinError `LASTFIN_USAGE` */
export function onStarted(selected: Selected): Selected {
  const running = selected.chosen.find(({ target }) => target.command.length === 0);
  if (running === undefined) return selected;
  throw new LastfinError(
    'LASTFIN_USAGE',
    `the target \`${running.plan.target}\` has no \`command\`: say with --pid which process it is`,
  );
}

/** A running process is in the machine's own network. @throws LastfinError `LASTFIN_USAGE` */
export function labOfRunning(asked: LabMode): RunLab {
  const why = 'a process that is running already (--pid) is in no namespace of ours';
  if (asked === 'auto' || asked === 'none') return { mode: 'none', why, fix: 'let lastfin start the target' };
  throw new LastfinError('LASTFIN_USAGE', `--lab ${asked}: ${why}; say --lab none`);
}
