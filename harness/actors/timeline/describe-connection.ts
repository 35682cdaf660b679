import { dropUndefined } from '../../../shared/drop-undefined.ts';
import type { ConnectionSeen } from '../../journal/entry.ts';
import type { PatternCheck } from '../pattern-check.ts';
import type { PatternSender } from '../pattern-sender.ts';

/** Connection of an actor, as far as its journal entry copies it. */
type Told = Pick<ConnectionSeen, 'actor' | 'seen' | 'did' | 'received'> & {
  [Key in 'announced' | 'announcedTo' | 'source' | 'destination' | 'failure']:
    | ConnectionSeen[Key]
    | undefined;
} & { number: number; round: { number: number } };

/** Ports of a connection, which its socket forgets when it closes. */
export type Ports = { localPort?: number; remotePort?: number };

/** Parts of a connection that its journal entry tells of, beside what it has done and seen. */
type Parts = {
  sender: Pick<PatternSender, 'sent' | 'raw'>;
  /** bytes sent when the peer ended it */
  sentAtEnd: number | undefined;
  wrong: PatternCheck['wrong'];
  ports: Ports;
};

/** Journal entry of a connection. */
export function describeConnection(
  connection: Told,
  { sender: { sent, raw }, sentAtEnd, wrong, ports }: Parts,
): ConnectionSeen {
  const { seen, did, received, announced, announcedTo, source, destination, failure } = connection;
  return dropUndefined({
    actor: connection.actor,
    round: connection.round.number,
    connection: connection.number,
    seen,
    did,
    sent,
    sentAtEnd,
    received,
    raw: raw === 0 ? undefined : raw,
    wrong,
    ...ports,
    announced,
    announcedTo,
    source,
    destination,
    failure,
  });
}
