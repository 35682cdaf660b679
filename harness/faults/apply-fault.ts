import type { ActorConnection } from '../actors/actor-connection.ts';
import { Blackhole } from '../lab/blackhole.ts';
import type { Client } from '../actors/client.ts';
import type { Upstream } from '../actors/upstream.ts';
import type { Network } from '../lab/network.ts';
import { LastfinError } from '../../errors/lastfin-error.ts';
import type { Fault, Side } from '../scenario/scenario.ts';
import type { Links } from './toxiproxy-links.ts';

/** What faults act on. */
export type FaultField = {
  client: Client;
  upstream: Upstream;
  links: Links;
  /** where kernel faults are made; of kind `none` on the machine's own network, which is never changed */
  network: Network;
  /** sends the target its stop signal */
  stopTarget: () => void;
  /** gives the target the config of another route; the heal gives it back its own */
  reload: (route: string) => Promise<Heal>;
};

export type Heal = () => void | Promise<void>;

/** Applies one fault now, for the connections of `round`; the returned function heals it. */
export async function applyFault(fault: Fault, field: FaultField, round: number): Promise<Heal> {
  switch (fault.kind) {
    case 'refused':
      field.upstream.stopListening();
      return () => field.upstream.listen();
    case 'blackhole': {
      field.upstream.stopListening();
      const hole = await Blackhole.open(field.upstream.address);
      return async () => {
        await hole.close();
        await field.upstream.listen();
      };
    }
    case 'toxic':
      return linkOf(field, fault.side).addToxic(fault);
    case 'down': {
      const link = linkOf(field, fault.side);
      await link.enable(false);
      return () => link.enable(true);
    }
    case 'shutdown':
      field.stopTarget();
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
