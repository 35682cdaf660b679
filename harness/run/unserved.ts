import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Case } from '../scenario/case.ts';
import { describeTransport, isWebSocket, type Transport } from '../scenario/transport.ts';
import type { ConnectionSeen } from '../journal/entry.ts';

/** Codes by which TLS says that the other side does not speak it. */
const NO_TLS: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);
const STATUS = /^\d{3}$/;

/**
 * Explains a warm-up in which the target let no client in: nothing that follows would be of the protocol that the case is about, and all
 * of it might pass. A scenario that says what its clients see of the end knows better.
 *
 * @throws LastfinError `LASTFIN_TARGET_INVALID`, with what to change
 */
export function mustServe(
  warmUp: readonly ConnectionSeen[],
  { kind, route, expect }: Pick<Case, 'kind' | 'route' | 'expect'>,
  client: Transport | undefined,
): void {
  if (kind === 'contract' || expect.client !== undefined || client === undefined) return;
  const clients = warmUp.filter(({ actor }) => actor === 'client');
  if (clients.length === 0) return;
  const isPassedOn = clients.length < warmUp.length;
  if (kind === 'universal' && !isPassedOn) mustRoute(clients, { route });
  if (!clients.every(isTurnedAway)) return;
  const seen = [...new Set(clients.map((one) => one.seen))];
  throw new LastfinError(
    'LASTFIN_TARGET_INVALID',
    `the target served none of the ${clients.length} clients of the warm-up, which saw ${seen.map((one) => `\`${one}\``).join(', ')}: ` +
      `${fixFor(seen[0] ?? '', client)} (\`client\` of the route \`${route}\`)`,
    { facts: { seen, route } },
  );
}

/** Whether the target ended a client before it had said anything in the client's protocol, or in place of its answer. */
function isTurnedAway({ seen, did, failure, received, sent }: ConnectionSeen): boolean {
  if (seen === 'none' || received > 0) return false;
  if (failure !== undefined) return failure.step === 'expect-answer';
  return sent === 0 && (did === 'nothing' || did === 'half-closed');
}

/**
 * Explains a warm-up in which a gateway refused every request, and passed none on: it has routes that the target file does not name.
 *
 * @throws LastfinError `LASTFIN_TARGET_INVALID`, with what to change
 */
function mustRoute(clients: readonly ConnectionSeen[], { route }: Pick<Case, 'route'>): void {
  const [status = 0, ...others] = new Set(clients.map(({ failure }) => failure?.status));
  if (others.length > 0 || status < 400 || status > 499) return;
  throw new LastfinError(
    'LASTFIN_TARGET_INVALID',
    `the target answered all ${clients.length} requests of the warm-up by ${status}, and passed none on: name what it passes on, such as ` +
      `\`{ protocol: http, path: /api, headers: { host: my.host, authorization: … } }\` (\`client\` of the route \`${route}\`)`,
    { facts: { status, route } },
  );
}

function fixFor(seen: string, client: Transport): string {
  if (isWebSocket(client) && STATUS.test(seen))
    return 'name what the handshake must ask for, such as `{ protocol: websocket-frames, path: /live, headers: { authorization: … } }`';
  if (NO_TLS.has(seen))
    return 'it speaks no TLS there, and clients must not either, such as `http` in place of `https`';
  if (seen === 'no-h2' || seen === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
    return 'its TLS offers no HTTP/2: `https`, or let it offer `h2` by ALPN';
  if (seen === 'no-connect-protocol') return 'it takes no WebSockets over HTTP/2: `websocket` or `wss`';
  if (client.protocol === 'connect' || client.protocol === 'socks5')
    return 'it must allow tunnels to the upstream ({{upstream.address}})';
  return `clients speak ${describeTransport(client)}: name what it speaks in place of that`;
}
