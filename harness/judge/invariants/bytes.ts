import type { ConnectionSeen, EndLine } from '../../journal/entry.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Side } from '../../scenario/trigger.ts';
import { isGraceful } from './end-lines.ts';
import { judgedRound, type Evidence } from '../evidence.ts';
import type { Finding } from '../verdict.ts';
import { oneLine, plural } from '../words.ts';

type Law = Extract<Finding, { kind: 'law' }>;

/** Nothing is changed on the way, and after a graceful end nothing is missing. */
export function byteLaws(evidence: Evidence): Law[] {
  // how many bytes and which a program makes of them is its own affair, where it is no transparent pipe
  if (evidence.opaque !== undefined) return piledUp(evidence);
  const uneven = unevenLines(evidence);
  return [
    ...corrupt(evidence),
    ...lost(evidence),
    // a line that is wrong makes the sums wrong
    ...(uneven.length > 0 ? uneven : wrongSums(evidence)),
    ...delivered(evidence),
    ...piledUp(evidence),
  ];
}

function law(what: string, message: string, detail: string): Law {
  return { kind: 'law', law: 'bytes', message, fingerprint: `law bytes ${what}`, detail };
}

/** A byte that does not fit the pattern is wrong in any round but the warm-up, which tells what kind of program the target is. */
function corrupt(evidence: Evidence): Law[] {
  const bad = evidence.connections.filter(({ round, wrong }) => round > 0 && wrong !== undefined);
  const first = bad[0];
  if (first?.wrong === undefined) return [];
  const { at, expected, got } = first.wrong;
  const place = `${first.actor} connection ${first.connection} of round ${first.round}, first at byte ${at}`;
  const detail = `${place}: expected ${hex(expected)}, got ${hex(got)} ${JSON.stringify(text(got))}`;
  return [
    law(
      `corrupt ${first.actor}`,
      `${plural(bad.length, 'connection', 'connections')} received other bytes than were sent: ${detail}`,
      detail,
    ),
  ];
}

/**
 * Where every sender of a direction ended with a FIN and every receiver saw it, all that was sent has arrived. Not asked where a
 * fault or an actor cut something off on the way: then bytes may be lost without the target's doing.
 */
function lost(evidence: Evidence): Law[] {
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
  // A connection without its other half was refused or never passed on: that is for the expectations to say.
  if (clients.length === 0 || clients.length !== upstreams.length) return [];
  return [...oneWay('client', clients, upstreams), ...oneWay('upstream', upstreams, clients)];
}

function oneWay(from: Side, senders: ConnectionSeen[], receivers: ConnectionSeen[]): Law[] {
  const finished = senders.every((one) => one.did === 'closed' || one.did === 'half-closed');
  if (!finished || !receivers.every((one) => one.seen === 'end')) return [];
  const sent = sum(senders, (one) => one.sent);
  const received = sum(receivers, (one) => one.received);
  // bytes of a script's own may be for the target itself, such as a header that it takes off
  const raw = sum(senders, (one) => one.raw ?? 0);
  if (sent === received || sent - raw === received) return [];
  const to = from === 'client' ? 'upstream' : 'client';
  const change = sent > received ? 'lost' : 'too many';
  const detail = `${from}s sent ${sent} bytes, ${to}s received ${received}, and all ended gracefully`;
  return [law(`${change} from ${from}`, `${Math.abs(sent - received)} bytes ${change}: ${detail}`, detail)];
}

/** A graceful end by the target's own account has passed on all that it read. */
function unevenLines(evidence: Evidence): Law[] {
  const { baseline } = evidence;
  if (baseline === undefined || !evidence.head.publishes.ends) return [];
  // A peer that closes without reading on loses what is under way, with a FIN all the same; so does a stop.
  if (changesLength(evidence.head.carriers)) return [];
  if (evidence.shutdown || evidence.connections.some((one) => one.did === 'abandoned')) return [];
  const uneven = evidence.endLines
    .filter(({ line, index }) => index > baseline.index && isGraceful(line))
    .flatMap(({ line }) => unevenness(line));
  const first = uneven[0];
  if (first === undefined) return [];
  return [
    law(
      'uneven',
      `${plural(uneven.length, 'gracefully ended connection', 'gracefully ended connections')} did not pass on all bytes: ${first}`,
      first,
    ),
  ];
}

/**
 * The lines of all connections, the warm-up's too, account for all bytes of the clients, those of connections that are only counted as well:
 * such a line comes late. Asked where there are such lines, bytes are all that passes, everybody closed gracefully, and no other connections have a line.
 */
function wrongSums(evidence: Evidence): Law[] {
  const { head, connections, endLines, case: plan } = evidence;
  if (!head.publishes.ends) return [];
  const carriers = Object.values(head.carriers ?? {});
  const isPlain = carriers.every(({ protocol, tls, header }) => protocol === 'bytes' && !tls && !header);
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
  return [law('sums', `the log accounts for other bytes than passed: ${detail}`, detail)];
}

/** A PROXY header that comes in or goes out is of one side only. */
function changesLength(carriers: Evidence['head']['carriers']): boolean {
  return carriers !== undefined && Object.values(carriers).some(({ header }) => header !== undefined);
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

/** Exact figures, where the case asks for them. */
function delivered(evidence: Evidence): Law[] {
  const expected = evidence.case.expect.delivered;
  if (expected === undefined || evidence.connections.every((one) => one.round !== 1)) return [];
  const round = judgedRound(evidence);
  const found: Law[] = [];
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
    found.push(law('not delivered', `not delivered as expected: ${detail}`, detail));
  }
  return found;
}

/** Where the case bounds it: what a sender got rid of before it saw the end shows whether back-pressure works. */
function piledUp(evidence: Evidence): Law[] {
  const most = evidence.case.expect.absorbed;
  if (most === undefined) return [];
  const heaps = judgedRound(evidence)
    .map(({ sentAtEnd }) => sentAtEnd ?? 0)
    .filter((bytes) => bytes > most);
  if (heaps.length === 0) return [];
  const detail = `${Math.max(...heaps)} bytes at the most, allowed are ${most}`;
  return [
    law(
      'piled up',
      `${plural(heaps.length, 'connection', 'connections')} piled up what the other side did not take: ${detail}`,
      detail,
    ),
  ];
}

/** Hex digits in pairs. */
const hex = (digits: string): string => digits.replaceAll(/(..)(?=.)/g, '$1 ');

/** Bytes as text, with a dot for what cannot be printed. */
const text = (digits: string): string =>
  Buffer.from(digits, 'hex')
    .toString('latin1')
    .replaceAll(/[^ -~]/g, '.');

function breaksOff(one: ConnectionSeen): boolean {
  return one.did === 'reset' || one.did === 'abandoned' || (one.seen !== 'end' && one.seen !== 'none');
}

function losesBytes(fault: Fault): boolean {
  if (fault.kind === 'toxic') return ['limit_data', 'timeout', 'reset_peer'].includes(fault.type);
  return fault.kind !== 'close' && fault.kind !== 'half-close' && fault.kind !== 'stall';
}

function sum<T>(items: T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
