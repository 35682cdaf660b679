import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { TargetAddresses } from '../../targets/file/target-arguments.ts';
import { AttachedTarget } from '../../targets/process/attached-target.ts';
import { JoinedObserver } from '../observers/joined-observer.ts';
import type { CaseLabOptions, TargetInLab } from './case-lab.ts';
import { osProbe, withFigures } from './observe-target.ts';

/** Watches a process that others have started and will stop; there is no probe in it. */
export async function attachTarget(
  options: CaseLabOptions,
  { pid, addresses }: { pid: number; addresses: TargetAddresses },
): Promise<TargetInLab> {
  const os = osProbe(options, pid, { ...addresses, ownSession: false });
  const { host, port } = addresses.listen;
  if (os.blind.length === 0 && !os.listensOn(port)) {
    const { file } = options.target.source;
    const message = `process ${pid} does not listen on ${host}:${port}, which \`attach.listen\` of ${file} says`;
    throw new LastfinError('LASTFIN_TARGET_INVALID', message, { facts: { pid, host, port, file } });
  }
  const target = new AttachedTarget(pid);
  options.teardown.add('the watch on the target', () => {
    target.leave();
  });
  return { target, observer: await withFigures(options, new JoinedObserver(os), addresses) };
}
