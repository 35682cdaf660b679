import { setTimeout as delay } from 'node:timers/promises';

import type { ActorConnection } from '../actors/actor-connection.ts';
import { Blackhole } from '../lab/network/blackhole.ts';
import type { Client } from '../actors/client.ts';
import type { Upstream } from '../actors/upstream.ts';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { isKernelFault, type KernelFault } from '../scenario/kernel-fault.ts';
import type { Fault, Side, Trigger } from '../scenario/scenario.ts';
import { fidelityOn, isSilentHost } from './fidelity.ts';
import { applyKernelFault } from './kernel/apply-kernel-fault.ts';
import type { Heal, KernelField } from './kernel/kernel-field.ts';
import { familyOf } from './kernel/packets.ts';
import { simulate, type ThrowInTarget } from './simulate.ts';
import type { Links } from './toxiproxy-links.ts';

/** Longest that a target may take to notice one stop signal before it gets the next. ms */
const SIGNAL_WITHIN = 2_000;

/** What faults act on. */
export type FaultField = KernelField & {
  client: Client;
  upstream: Upstream;
  links: Links;
  /** sends the target its stop signal */
  stopTarget: () => void;
  /** whether a signal has been sent to the target and has not reached it; false where the system does not tell */
  signalPending: () => boolean;
  /** gives the target the config of another route; the heal gives it back its own */
  reload: (route: string) => Promise<Heal>;
  /** throws an error at sockets inside the target */
  throwInTarget: ThrowInTarget;
};

/** Applies one fault now, for the connections of `round`; the returned function heals it. */
export async function applyFault(fault: Fault, field: FaultField, round: number): Promise<Heal> {
  if (isKernelFault(fault)) return applyOnNetwork(fault, field);
  switch (fault.kind) {
    case 'refused':
      field.upstream.stopListening(fault.address);
      return () => field.upstream.listen();
    case 'blackhole':
      return openBlackhole(field);
    case 'toxic':
      return linkOf(field, fault.side).addToxic(fault);
    case 'down': {
      const link = linkOf(field, fault.side);
      await link.enable(false);
      return () => link.enable(true);
    }
    case 'shutdown':
      await stopSeveralTimes(field, fault.times ?? 1);
      return () => undefined;
    case 'reload':
      return field.reload(fault.route);
    default:
      for (const connection of field[fault.side].ofRound(round)) {
        if (!connection.isOpen) continue;
        connection.takeOver();
        actOn(connection, fault.kind);
      }
      return () => undefined;
  }
}

/** As real as the case's network allows. */
async function applyOnNetwork(fault: KernelFault & { when: Trigger }, field: FaultField): Promise<Heal> {
  const ground = { network: field.network.kind, lacks: field.lacks };
  const family = familyOf(field, 'address' in fault ? fault.address : undefined);
  switch (fidelityOn(ground, fault, family)) {
    case 'kernel':
      return applyKernelFault(fault, field);
    case 'simulated':
      return simulate(fault, field);
    default:
      if (isSilentHost(fault)) return openBlackhole(field);
      throw new LastfinError('LASTFIN_LAB', `the fault \`${fault.kind}\` cannot be made here`, {
        facts: { fault, network: field.network.kind },
      });
  }
}

/** A signal that is pending still would swallow the next one. */
async function stopSeveralTimes({ stopTarget, signalPending }: FaultField, times: number): Promise<void> {
  const end = performance.now() + SIGNAL_WITHIN;
  for (let sent = 0; sent < times; sent++) {
    while (signalPending() && performance.now() < end) await delay(1);
    stopTarget();
  }
}

async function openBlackhole({ upstream }: FaultField): Promise<Heal> {
  upstream.stopListening();
  const hole = await Blackhole.open(upstream.address);
  return async () => {
    await hole.close();
    await upstream.listen();
  };
}

function actOn(
  connection: ActorConnection,
  kind: 'reset' | 'close' | 'half-close' | 'abandon' | 'stall',
): void {
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

function linkOf(field: FaultField, side: Side): NonNullable<Links[Side]> {
  const link = field.links[side];
  if (!link) throw new LastfinError('LASTFIN_LAB', `no link on the ${side} side`, { facts: { side } });
  return link;
}
