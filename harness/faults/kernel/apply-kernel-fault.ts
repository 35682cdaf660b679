import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { KernelFault } from '../../scenario/kernel-fault.ts';
import type { Trigger } from '../../scenario/scenario.ts';
import { wayHere } from '../ways.ts';
import { abortSockets } from './abort.ts';
import { cutCable, flap, takeInterfaceDown } from './cables.ts';
import { exhaustDescriptors } from './descriptors.ts';
import { addFilters } from './filters.ts';
import { faultClock, setClock } from './kernel-clock.ts';
import type { Heal, KernelField } from './kernel-field.ts';
import { exhaustPorts } from './local-ports.ts';
import { familyOf, packetsOf } from './packets.ts';
import { refuseRoute } from './routes.ts';
import { addRules } from './rules.ts';
import { answerUnreachable } from './unreachable.ts';

/** A packet may be a bundle of this size on its way inside one machine: a bucket that holds less would never let one through. */
const LARGEST_PACKET = 65_536;

/** Lets the kernel make a fault now; the returned function heals it, and puts back the sysctls that were set for it. */
export async function applyKernelFault(
  fault: KernelFault & { when: Trigger },
  field: KernelField,
): Promise<Heal> {
  const clock = await setClock(field.network, faultClock(fault));
  try {
    const heal = await make(fault, field);
    return async () => {
      try {
        await heal();
      } finally {
        await clock.heal();
      }
    };
  } catch (error) {
    await clock.heal();
    throw error;
  }
}

async function make(fault: KernelFault & { when: Trigger }, field: KernelField): Promise<Heal> {
  const { network } = field;
  const family = familyOf(field, 'address' in fault ? fault.address : undefined);
  const by = wayHere(fault, family, field.lacks)?.by;
  if (by === undefined) {
    throw new LastfinError('LASTFIN_LAB', `the fault \`${fault.kind}\` cannot be made here`, {
      facts: { fault, lacks: field.lacks },
    });
  }
  switch (fault.kind) {
    case 'unreachable':
      return by === 'routes' ? refuseRoute(field, fault) : answerUnreachable(field, fault);
    case 'timeout':
      if (by === 'tc') return addFilters(field, packetsOf(field, fault), family);
      if (by === 'routes') return refuseRoute(field, { ...fault, as: 'blackhole' });
      return addRules(network, packetsOf(field, fault), 'counter drop', fault.drop);
    case 'firewall-reset':
      // an answer of its own must get through where both directions are reset
      return addRules(
        network,
        packetsOf(field, fault),
        'tcp flags & (syn | rst) == 0x0 counter reject with tcp reset',
      );
    case 'abort':
      await abortSockets(field, fault.side);
      return () => undefined;
    case 'loss': {
      if (by === 'tc') return addFilters(field, packetsOf(field, fault), family, fault.share);
      const share = Math.round(fault.share * 10_000);
      return addRules(network, packetsOf(field, fault), `numgen random mod 10000 < ${share} counter drop`);
    }
    case 'rate': {
      const burst = Math.max(fault.bytes, LARGEST_PACKET);
      const limit = `limit rate over ${fault.bytes} bytes/second burst ${burst} bytes`;
      return addRules(network, packetsOf(field, fault), `${limit} counter drop`);
    }
    case 'ports':
      return exhaustPorts(field, fault.left);
    case 'descriptors':
      return exhaustDescriptors(field.targetPid, fault.left);
    case 'dns': {
      const { names } = field;
      if (names === undefined) throw new LastfinError('LASTFIN_LAB', 'the upstream of this case has no name');
      await names.answer(fault.answer, fault.delay);
      return () => names.answer(undefined);
    }
    case 'cable':
      return cutCable(field, fault.cut);
    case 'interface':
      return takeInterfaceDown(field, fault.side);
    default:
      return flap(field, fault);
  }
}
