import { setTimeout as delay } from 'node:timers/promises';

import type { ActorConnection } from '../actors/actor-connection.ts';
import { Blackhole } from '../lab/network/blackhole.ts';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { isKernelFault } from '../scenario/fault.ts';
import type { KernelFault } from '../scenario/kernel-fault.ts';
import type { Fault, PeerFault } from '../scenario/fault.ts';
import type { Side, Trigger } from '../scenario/trigger.ts';
import { fidelityOn, isSilentHost } from './fidelity.ts';
import { applyKernelFault } from './kernel/apply-kernel-fault.ts';
import type { Heal } from './kernel/kernel-context.ts';
import { familyOf } from './kernel/match-packets.ts';
import { simulate } from './simulate.ts';
import type { Links } from './toxiproxy-links.ts';
import type { FaultContext } from './fault-context.ts';

/** Longest time (ms) for a target to notice a stop signal before it gets the next. */
const SIGNAL_WITHIN = 2_000;

/** Applies a fault now, for the connections of `round`; the returned function heals it. */
export async function applyFault(fault: Fault, context: FaultContext, round: number): Promise<Heal> {
  if (isKernelFault(fault)) return applyOnNetwork(fault, context);
  switch (fault.kind) {
    case 'refused':
      context.upstream.stopListening(fault.address);
      return () => context.upstream.listen();
    case 'blackhole':
      return openBlackhole(context);
    case 'toxic':
      return linkOf(context, fault.side).addToxic(fault);
    case 'down': {
      const link = linkOf(context, fault.side);
      await link.enable(false);
      return () => link.enable(true);
    }
    case 'shutdown':
      await stopSeveralTimes(context, fault.times ?? 1);
      return () => undefined;
    case 'reload':
      return context.reload(fault.route);
    default:
      for (const connection of context[fault.side].ofRound(round)) {
        if (!connection.isOpen) continue;
        connection.takeOver();
        actOn(connection, fault.kind);
      }
      context[fault.side].actOnLoad(fault.kind);
      return () => undefined;
  }
}

/** Applies a kernel fault as realistically as the case's network allows. */
async function applyOnNetwork(fault: KernelFault & { when: Trigger }, context: FaultContext): Promise<Heal> {
  const ground = { network: context.network.kind, lacks: context.lacks };
  const family = familyOf(context, 'address' in fault ? fault.address : undefined);
  switch (fidelityOn(ground, fault, family)) {
    case 'kernel':
      return applyKernelFault(fault, context);
    case 'simulated':
      return simulate(fault, context);
    default:
      if (isSilentHost(fault)) return openBlackhole(context);
      throw new LastfinError('LASTFIN_LAB', `the fault \`${fault.kind}\` cannot be made here`, {
        facts: { fault, network: context.network.kind },
      });
  }
}

/** Sends the stop signal several times; a signal that is still pending would swallow the next one. */
async function stopSeveralTimes({ stopTarget, signalPending }: FaultContext, times: number): Promise<void> {
  const end = performance.now() + SIGNAL_WITHIN;
  for (let sent = 0; sent < times; sent++) {
    while (signalPending() && performance.now() < end) await delay(1);
    stopTarget();
  }
}

async function openBlackhole({ upstream }: FaultContext): Promise<Heal> {
  upstream.stopListening();
  const hole = await Blackhole.open(upstream.address);
  return async () => {
    await hole.close();
    await upstream.listen();
  };
}

function actOn(connection: ActorConnection, kind: PeerFault): void {
  switch (kind) {
    case 'reset':
      return connection.reset();
    case 'abandon':
      return connection.abandon();
    case 'stall':
      return connection.stall();
    case 'close':
    case 'half-close':
      return connection.halfClose();
  }
}

function linkOf(context: FaultContext, side: Side): NonNullable<Links[Side]> {
  const link = context.links[side];
  if (!link) throw new LastfinError('LASTFIN_LAB', `no link on the ${side} side`, { facts: { side } });
  return link;
}
