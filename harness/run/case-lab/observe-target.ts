import { seesOnlyOwnProcesses } from '../../lab/network/namespace.ts';
import type { Observer } from '../../probe/observer.ts';
import { OsProbe } from '../../probe/outside/os-probe.ts';
import type { TargetAddresses } from '../../targets/file/target-arguments.ts';
import { IgnoringObserver } from '../observers/ignoring-observer.ts';
import { publishing } from '../observers/with-published-figures.ts';
import type { CaseLabOptions } from './case-lab.ts';

/** The observer of a target from outside, through the kernel. */
export function osProbe(
  { case: { connections } }: CaseLabOptions,
  pid: number,
  { listen, upstream, ownSession }: Pick<TargetAddresses, 'listen' | 'upstream'> & { ownSession: boolean },
): OsProbe {
  return new OsProbe({
    pid,
    ownSession,
    ownProcesses: seesOnlyOwnProcesses(),
    listen,
    upstream,
    connections: connections.count,
  });
}

/** Adds the figures of the target's metrics page to an observer, and leaves out the growth that the target file excuses. */
export async function withFigures(
  { target, signal }: CaseLabOptions,
  observer: Observer,
  { listen, admin }: TargetAddresses,
): Promise<Observer> {
  return new IgnoringObserver(await publishing(observer, target, { listen, admin }, signal), target.ignore);
}
