import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { errorCodeOf, type KernelFault } from '../scenario/kernel-fault.ts';
import type { SocketSide, Trigger } from '../scenario/trigger.ts';
import type { Heal } from './kernel/kernel-context.ts';
import type { FaultContext } from './fault-context.ts';
import type { Thrown } from './fault-context.ts';

/** Whether a fault can be simulated: it causes an error, on connected sockets or on connects to the upstream. */
export function canSimulate(fault: KernelFault & { when: Trigger }): boolean {
  if (!('simulate' in fault) || !fault.simulate || errorCodeOf(fault) === undefined) return false;
  if ('address' in fault && fault.address !== undefined) return false;
  return actsOn(fault) !== undefined;
}

function actsOn(fault: KernelFault & { when: Trigger }): Thrown['phase'] | undefined {
  switch (fault.kind) {
    case 'ports':
    case 'descriptors':
    case 'dns':
      return 'connecting';
    case 'unreachable':
    case 'timeout':
      if (fault.when.at !== 'connect') return 'connected';
      return fault.side === 'upstream' ? 'connecting' : undefined;
    default:
      return fault.when.at === 'connect' ? undefined : 'connected';
  }
}

/**
 * Throws the fault's error at the target's sockets from inside, without the kernel, so that it takes the same path through its code.
 */
export async function simulate(fault: KernelFault & { when: Trigger }, context: FaultContext): Promise<Heal> {
  const error = errorCodeOf(fault);
  if (error === undefined) {
    throw new LastfinError('LASTFIN_LAB', `the fault \`${fault.kind}\` cannot be simulated`, {
      facts: { fault },
    });
  }
  const side: SocketSide = 'side' in fault && fault.side === 'client' ? 'incoming' : 'outgoing';
  const port = side === 'incoming' ? context.listen.port : context.entrance.port;
  if (actsOn(fault) === 'connected') {
    // `ss --kill` ends existing sockets; for the kernel that includes a client that the target has not accepted yet
    const lasting = fault.kind !== 'abort' || side === 'incoming';
    return context.throwInTarget({ side, port, phase: 'connected', lasting, ...error });
  }
  // nobody to connect to, as with the real fault: a destroyed socket has already sent its SYN
  context.upstream.stopListening();
  const syscall = error.syscall === 'read' ? 'connect' : error.syscall;
  const takeBack = await context.throwInTarget({
    side,
    port,
    phase: 'connecting',
    code: error.code,
    syscall,
  });
  return async () => {
    await takeBack();
    await context.upstream.listen();
  };
}
