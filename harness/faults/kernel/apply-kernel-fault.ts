import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { KernelFault } from '../../scenario/kernel-fault.ts';
import type { Trigger } from '../../scenario/trigger.ts';
import { wayHere } from '../ways.ts';
import { abortSockets } from './abort.ts';
import { cutCable, flap, takeInterfaceDown } from './cables.ts';
import { exhaustDescriptors } from './descriptors.ts';
import { addFilters } from './tc-filters.ts';
import { faultTimeouts, setTcpTimeouts } from './tcp-timeouts.ts';
import type { Heal, KernelContext } from './kernel-context.ts';
import { exhaustPorts } from './local-ports.ts';
import { limitRate, losePackets } from './lose-packets.ts';
import { familyOf, packetsOf } from './match-packets.ts';
import { refuseRoute } from './routes.ts';
import { addRules } from './nft-rules.ts';
import { answerUnreachable } from './unreachable.ts';

/** Makes the kernel produce a fault now; the returned function heals it, and restores the sysctls that were set for it. */
export async function applyKernelFault(
  fault: KernelFault & { when: Trigger },
  context: KernelContext,
): Promise<Heal> {
  const timeouts = await setTcpTimeouts(context.network, faultTimeouts(fault));
  try {
    const heal = await make(fault, context);
    return async () => {
      try {
        await heal();
      } finally {
        await timeouts.heal();
      }
    };
  } catch (error) {
    await timeouts.heal();
    throw error;
  }
}

async function make(fault: KernelFault & { when: Trigger }, context: KernelContext): Promise<Heal> {
  const { network } = context;
  const family = familyOf(context, 'address' in fault ? fault.address : undefined);
  const by = wayHere(fault, family, context.lacks)?.by;
  if (by === undefined) {
    throw new LastfinError('LASTFIN_LAB', `the fault \`${fault.kind}\` cannot be made here`, {
      facts: { fault, lacks: context.lacks },
    });
  }
  switch (fault.kind) {
    case 'unreachable':
      return by === 'routes' ? refuseRoute(context, fault) : answerUnreachable(context, fault);
    case 'timeout':
      if (by === 'tc') return addFilters(context, packetsOf(context, fault), family);
      if (by === 'routes') return refuseRoute(context, { ...fault, as: 'blackhole' });
      return addRules(network, packetsOf(context, fault), 'counter drop', fault.drop);
    case 'firewall-reset':
      // an answer of its own must pass if both directions are reset
      return addRules(
        network,
        packetsOf(context, fault),
        'tcp flags & (syn | rst) == 0x0 counter reject with tcp reset',
      );
    case 'abort':
      await abortSockets(context, fault.side);
      return () => undefined;
    case 'loss':
      if (by === 'tc') return addFilters(context, packetsOf(context, fault), family, fault.share);
      return losePackets(network, packetsOf(context, fault), fault.share);
    case 'rate':
      return limitRate(network, packetsOf(context, fault), fault.bytes);
    case 'ports':
      return exhaustPorts(context, fault.left);
    case 'descriptors':
      return exhaustDescriptors(context.targetPid, fault.left);
    case 'dns': {
      const { names } = context;
      if (names === undefined) throw new LastfinError('LASTFIN_LAB', 'the upstream of this case has no name');
      await names.answer(fault.answer, fault.delay);
      return () => names.answer(undefined);
    }
    case 'cable':
      return cutCable(context, fault.cut);
    case 'interface':
      return takeInterfaceDown(context, fault.side);
    default:
      return flap(context, fault);
  }
}
