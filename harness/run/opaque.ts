import type { Target } from '../targets/file/target.ts';
import type { Protocol } from '../scenario/transport.ts';
import type { Kind } from '../scenario/suite.ts';
import type { ConnectionSeen } from '../journal/entry.ts';

/** How a target is known to be no transparent pipe. */
export type Opaque = {
  /** reason for the report why the bytes of the case are not judged */
  reason: string;
  /** true where cases that are written for any pipe cannot be run on the target at all */
  passesNothing: boolean;
};

/**
 * Tells from the connections of the warm-up, an exchange of patterned bytes, whether the target passes bytes on as they are. Undefined where
 * it does, or promises to: then any other byte is a finding. Bytes that are spoilt on only some connections are a defect, no protocol. Pure.
 */
export function opaqueness(
  warmUp: readonly ConnectionSeen[],
  { transparent, contract }: Pick<Target, 'transparent' | 'contract'>,
): Opaque | undefined {
  if (transparent ?? contract) return undefined;
  const clients = warmUp.filter(({ actor }) => actor === 'client');
  const upstreams = warmUp.filter(({ actor }) => actor === 'upstream');
  const found = whatItDoes(clients, upstreams);
  const passesNothing = clients.length > 0 && clients.every(({ failure }) => failure !== undefined);
  if (transparent === false)
    return { reason: 'its target file says `transparent: false`', passesNothing: false };
  if (found === undefined) return undefined;
  // bytes that do not pass at all cannot be judged, whatever the file says
  const hint = passesNothing ? '' : ' (`transparent: true` in its target file has bytes judged)';
  return { reason: `in the warm-up ${found}${hint}`, passesNothing };
}

/** Describes how the program treats bytes in place of passing them on; undefined where it passes them on. */
function whatItDoes(
  clients: readonly ConnectionSeen[],
  upstreams: readonly ConnectionSeen[],
): string | undefined {
  const answered = clients.length > 0 && clients.every(({ received }) => received > 0);
  if (answered && upstreams.length === 0)
    return 'it answered its clients and connected to no upstream; a server says `upstream: none` on its route';
  if (spoilt(upstreams)) return 'its upstreams received other bytes than its clients sent';
  if (spoilt(clients)) return 'its clients received other bytes than its upstreams sent';
  return undefined;
}

/** Whether bytes were changed, or came without having been sent, on every connection. */
const spoilt = (connections: readonly ConnectionSeen[]): boolean =>
  connections.length > 0 && connections.every(({ wrong }) => wrong !== undefined);

/**
 * Why the case cannot be run on the target (it is written for any pipe, and nothing passes); undefined where it can.
 *
 * @param protocol of the clients
 */
export function cannotBeTold(
  kind: Kind,
  opaque: Opaque | undefined,
  protocol: Protocol = 'bytes',
): string | undefined {
  if (kind === 'own' || opaque?.passesNothing !== true) return undefined;
  const readsFrames =
    protocol === 'websocket'
      ? '; a program that reads the frames of a WebSocket has `websocket-frames` in the place of `websocket` on its route'
      : '';
  return `no bytes pass between its peers: ${opaque.reason}${readsFrames}`;
}
