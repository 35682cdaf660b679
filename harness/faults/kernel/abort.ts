import type { Side } from '../../scenario/trigger.ts';
import type { KernelContext } from './kernel-context.ts';

/** Destroys the target's sockets of one side: ECONNABORTED for the target, RST for the peer. */
export async function abortSockets({ network, listen, entrance }: KernelContext, side: Side): Promise<void> {
  const filter = side === 'client' ? `sport = :${listen.port}` : `dport = :${entrance.port}`;
  await network.run('ss', ['--no-header', '--tcp', '--numeric', '--kill', filter], { where: 'target' });
}
