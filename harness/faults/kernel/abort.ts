import type { Side } from '../../scenario/scenario.ts';
import type { KernelField } from './kernel-field.ts';

/** Takes the target's sockets of one side away from it: ECONNABORTED for the target, RST for the peer. */
export async function abortSockets({ network, listen, entrance }: KernelField, side: Side): Promise<void> {
  const filter = side === 'client' ? `sport = :${listen.port}` : `dport = :${entrance.port}`;
  await network.run('ss', ['--no-header', '--tcp', '--numeric', '--kill', filter], { where: 'target' });
}
