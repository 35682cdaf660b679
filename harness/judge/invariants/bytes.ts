import type { ConnectionSeen, EndLine } from '../../journal/entry.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Side } from '../../scenario/trigger.ts';
import { isGraceful } from './end-lines.ts';
import { judgedRound, type Evidence } from '../evidence.ts';
import type { Invariant } from '../verdict.ts';
import { oneLine, plural } from '../words.ts';

/** Checks that no byte is changed on the way, and that none is missing after a graceful end. */
export function byteInvariants(evidence: Evidence): Invariant[] {
  // a target that is no transparent pipe chooses its own bytes
  if (evidence.opaque !== undefined) return piledUp(evidence);
  const uneven = unevenLines(evidence);
  return [
    ...corrupt(evidence),
    ...lost(evidence),
    // a wrong line makes the sums wrong, too
    ...(uneven.length > 0 ? uneven : wrongSums(evidence)),
    ...delivered(evidence),
    ...piledUp(evidence),
  ];
}

function invariant(what: string, message: string, detail: string): Invariant {
  return { kind: 'invariant', invariant: 'bytes', message, fingerprint: `invariant bytes ${what}`, detail };
}

/** Findings for bytes that differ from the pattern that the actors send, in any round but the warm-up, which finds out what kind of program the target is. */
function corrupt(evidence: Evidence): Invariant[] {
  const bad = evidence.connections.filter(({ round, wrong }) => round > 0 && wrong !== undefined);
  const first = bad[0];
  if (first?.wrong === undefined) return [];
  const { at, expected, got } = first.wrong;
  const place = `${first.actor} connection ${first.connection} of round ${first.round}, first at byte ${at}`;
  const detail = `${place}: expected ${hex(expected)}, got ${hex(got)} ${JSON.stringify(text(got))}`;
  return [
    invariant(
      `corrupt ${first.actor}`,
      `${plural(bad.length, 'connection', 'connections')} received other bytes than were sent: ${detail}`,
      detail,
    ),
  ];
}

/**
 * Checks that everything sent has arrived, if every sender of a direction ended with a FIN and every receiver saw it. Skipped if
 * a fault or an actor cut something off on the way: then bytes may be lost without the target's doing.
 */
function lost(evidence: Evidence): Invariant[] {
  const round = judgedRound(evidence);
  if (
    evidence.case.faults.some(losesBytes) ||
    evidence.faults.some(({ fidelity }) => fidelity === 'toxiproxy')
  ) {
    return [];
  }
  if (round.some((one) => one.failure !== undefined || breaksOff(one))) return [];
  const clients = round.filter((one) => one.actor === 'client');
  const upstreams = round.filter((one) => one.actor === 'upstream');
  // connections without their other half were refused or never forwarded: the expectations cover them
  if (clients.length === 0 || clients.length !== upstreams.length) return [];
  const mayDrop = dropsAfterClose(evidence.head.transports);
  return [
    ...oneWay('client', clients, upstreams, mayDrop),
    ...oneWay('upstream', upstreams, clients, mayDrop),
  ];
}

/** Whether a graceful end may cost bytes: whoever has sent the close frame of a WebSocket need not read on (RFC 6455, 5.5.1). */
function dropsAfterClose(transports: Evidence['head']['transports']): boolean {
  return Object.values(transports ?? {}).some(({ protocol }) => protocol === 'websocket-frames');
}

function oneWay(
  from: Side,
  senders: ConnectionSeen[],
  receivers: ConnectionSeen[],
  mayDrop: boolean,
): Invariant[] {
  const finished = senders.every((one) => one.did === 'closed' || one.did === 'half-closed');
  if (!finished || !receivers.every((one) => one.seen === 'end')) return [];
  const sent = sum(senders, (one) => one.sent);
  const received = sum(receivers, (one) => one.received);
  // literal bytes of a script may be meant for the target itself, such as a header that it removes
  const raw = sum(senders, (one) => one.raw ?? 0);
  if (sent === received || sent - raw === received || (mayDrop && received < sent)) return [];
  const to = from === 'client' ? 'upstream' : 'client';
  const change = sent > received ? 'lost' : 'too many';
  const detail = `${from}s sent ${sent} bytes, ${to}s received ${received}, and all ended gracefully`;
  return [
    invariant(`${change} from ${from}`, `${Math.abs(sent - received)} bytes ${change}: ${detail}`, detail),
  ];
}

/** Checks that each graceful end, by the target's own account, passed on all bytes that it read. */
function unevenLines(evidence: Evidence): Invariant[] {
  const { baseline } = evidence;
  if (baseline === undefined || !evidence.head.publishes.ends) return [];
  // a peer that closes without reading on loses bytes in flight, in spite of its FIN; so does a stop
  if (changesLength(evidence.head.transports)) return [];
  if (evidence.shutdown || evidence.connections.some((one) => one.did === 'abandoned')) return [];
  const uneven = evidence.endLines
    .filter(({ line, index }) => index > baseline.index && isGraceful(line))
    .flatMap(({ line }) => unevenness(line));
  const first = uneven[0];
  if (first === undefined) return [];
  return [
    invariant(
      'uneven',
      `${plural(uneven.length, 'gracefully ended connection', 'gracefully ended connections')} did not pass on all bytes: ${first}`,
      first,
    ),
  ];
}

/**
 * Checks that the end lines of all connections, including late lines of the warm-up and lines that only count, add up to the
 * clients' bytes. Skipped unless there are such lines, the target changes no bytes, everybody closed gracefully and no other
 * connection has a line.
 */
function wrongSums(evidence: Evidence): Invariant[] {
  const { head, connections, endLines, case: plan } = evidence;
  if (!head.publishes.ends) return [];
  const transports = Object.values(head.transports ?? {});
  const isPlain = transports.every(({ protocol, tls, header }) => protocol === 'bytes' && !tls && !header);
  const clients = connections.filter(({ actor }) => actor === 'client');
  const isWhole = clients.every(
    (one) => one.did === 'closed' && one.seen === 'end' && one.failure === undefined,
  );
  const isRaw = connections.some(({ raw }) => raw !== undefined);
  const isOther = plan.clients?.some(({ over }) => over !== undefined) ?? false;
  if (!isPlain || !isWhole || isOther || isRaw) return [];
  const lines = endLines.flatMap(({ line }) => (line.incoming === undefined ? [] : [line]));
  if (lines.every(({ count }) => count === undefined)) return [];
  if (sum(lines, ({ count = 1 }) => count) !== clients.length) return [];
  const logged = { in: sum(lines, ({ bytesIn }) => bytesIn), out: sum(lines, ({ bytesOut }) => bytesOut) };
  const seen = { in: sum(clients, ({ sent }) => sent), out: sum(clients, ({ received }) => received) };
  if (logged.in === seen.in && logged.out === seen.out) return [];
  const detail = `clients sent ${seen.in} and received ${seen.out} bytes, the lines say ${logged.in} and ${logged.out}`;
  return [invariant('sums', `the log accounts for other bytes than passed: ${detail}`, detail)];
}

/** Whether a PROXY header is read or written on one side only, so that byte counts differ. */
function changesLength(transports: Evidence['head']['transports']): boolean {
  return transports !== undefined && Object.values(transports).some(({ header }) => header !== undefined);
}

function unevenness(line: EndLine): string[] {
  const id = oneLine(line.id, 40);
  if (line.upstreamBytesOut !== undefined && line.bytesIn !== line.upstreamBytesOut) {
    return [`${id} read ${line.bytesIn} from its client and sent ${line.upstreamBytesOut} to its upstream`];
  }
  if (line.upstreamBytesIn !== undefined && line.upstreamBytesIn !== line.bytesOut) {
    return [`${id} read ${line.upstreamBytesIn} from its upstream and sent ${line.bytesOut} to its client`];
  }
  return [];
}

/** Checks exact byte counts, if the case expects them. */
function delivered(evidence: Evidence): Invariant[] {
  const expected = evidence.case.expect.delivered;
  if (expected === undefined || evidence.connections.every((one) => one.round !== 1)) return [];
  const round = judgedRound(evidence);
  const found: Invariant[] = [];
  for (const [bytes, actor] of [
    [expected.toUpstream, 'upstream'],
    [expected.toClient, 'client'],
  ] as const) {
    if (bytes === undefined) continue;
    const received = sum(
      round.filter((one) => one.actor === actor),
      (one) => one.received,
    );
    if (received === bytes) continue;
    const detail = `${actor}s received ${received} bytes, expected ${bytes}`;
    found.push(invariant('not delivered', `not delivered as expected: ${detail}`, detail));
  }
  return found;
}

/** Checks back-pressure, if the case bounds it: the bytes that a sender could write before it saw the end. */
function piledUp(evidence: Evidence): Invariant[] {
  const most = evidence.case.expect.absorbed;
  if (most === undefined) return [];
  const heaps = judgedRound(evidence)
    .map(({ sentAtEnd }) => sentAtEnd ?? 0)
    .filter((bytes) => bytes > most);
  if (heaps.length === 0) return [];
  const detail = `${Math.max(...heaps)} bytes at the most, allowed are ${most}`;
  return [
    invariant(
      'piled up',
      `${plural(heaps.length, 'connection', 'connections')} piled up what the other side did not take: ${detail}`,
      detail,
    ),
  ];
}

/** Hex digits in pairs. */
const hex = (digits: string): string => digits.replaceAll(/(..)(?=.)/g, '$1 ');

/** Bytes as text, with a dot for each unprintable one. */
const text = (digits: string): string =>
  Buffer.from(digits, 'hex')
    .toString('latin1')
    .replaceAll(/[^ -~]/g, '.');

function breaksOff(one: ConnectionSeen): boolean {
  return ['reset', 'abandoned', 'cancelled'].includes(one.did) || (one.seen !== 'end' && one.seen !== 'none');
}

function losesBytes(fault: Fault): boolean {
  if (fault.kind === 'toxic') return ['limit_data', 'timeout', 'reset_peer'].includes(fault.type);
  return fault.kind !== 'close' && fault.kind !== 'half-close' && fault.kind !== 'stall';
}

function sum<T>(items: T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
