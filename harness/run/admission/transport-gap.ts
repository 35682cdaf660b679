import {
  type Transport,
  describeTransport,
  PLAIN,
  type Protocol,
  refineTransport,
  isOverH2,
  isWebSocket,
  speaksH2,
  speaksHttp,
} from '../../scenario/transport.ts';
import { speaksFrames } from '../../scenario/case-traits.ts';
import { clientGroups } from '../../scenario/client-groups.ts';
import type { Case } from '../../scenario/case.ts';
import type { Side } from '../../scenario/trigger.ts';
import type { Step } from '../../scenario/step.ts';
import type { Target } from '../../targets/file/target.ts';
import { h2Gap } from './h2-gap.ts';

/** Transports of both sides of a case; a server has no upstream. */
export type Transports = { client: Transport; upstream?: Transport };

/**
 * Transports of a case: those of its route, with the changes of the scenario, and with frames after an upgrade where its scripts speak
 * them; undefined where the target has no such route.
 */
export function transportsOf(
  testCase: Pick<Case, 'over' | 'route' | 'client' | 'clients' | 'connections' | 'upstream'>,
  target: Pick<Target, 'routes'>,
): Transports | undefined {
  const { over, route } = testCase;
  const base = Object.hasOwn(target.routes, route) ? target.routes[route] : undefined;
  if (base === undefined) return undefined;
  const framed = speaksFrames(testCase)
    ? (one: Transport): Transport =>
        one.protocol === 'websocket' ? { ...one, protocol: 'websocket-frames' } : one
    : (one: Transport): Transport => one;
  return {
    client: framed(refineTransport(base.client, over?.client)),
    ...(base.upstream === undefined
      ? {}
      : { upstream: framed(refineTransport(base.upstream, over?.upstream)) }),
  };
}

/** All transports that are used in a case, those of its client groups included. */
export function allTransports(testCase: Case, transports: Transports): Transport[] {
  return [
    transports.client,
    ...(transports.upstream === undefined ? [] : [transports.upstream]),
    ...clientGroups(testCase).map(({ over }) => refineTransport(transports.client, over)),
  ];
}

/** A step or fault of a case that its transports cannot express, in words; undefined: they can express all. */
export function transportGap(testCase: Case, transports: Transports): string | undefined {
  for (const { over, script } of clientGroups(testCase)) {
    const gap = scriptGap('client', script, refineTransport(transports.client, over));
    if (gap !== undefined) return gap;
  }
  const sides: Record<Side, Transport> = { upstream: PLAIN, ...transports };
  const gap =
    answerGap(testCase, transports) ??
    http2Gap(testCase, transports) ??
    authorityGap(testCase) ??
    handshakeGap(testCase, transports) ??
    loadGap(testCase, transports) ??
    scriptGap('upstream', testCase.upstream, sides.upstream);
  if (gap !== undefined) return gap;
  for (const fault of testCase.faults) {
    if (fault.kind === 'half-close' && hasNoHalfClose(sides[fault.side]))
      return `the fault \`half-close\` of the ${fault.side}: ${describeTransport(sides[fault.side])} has no half-close`;
  }
  return undefined;
}

/** Statuses and replies with which an upstream that is a proxy refuses, by its protocol. */
const REFUSALS: Partial<Record<Protocol, { least: number; most: number; what: string }>> = {
  connect: { least: 300, most: 599, what: 'a status from 300 to 599' },
  socks5: { least: 1, most: 255, what: 'a reply from 1 to 255' },
};

/** Why the `answer` of a case cannot be given over its transports; undefined where it can. */
function answerGap(testCase: Case, transports: Transports): string | undefined {
  const { upstream = PLAIN, ...others } = transports;
  const clients = allTransports(testCase, others);
  if (clients.some(({ answer }) => answer !== undefined)) return '`answer` is for the upstream: clients ask';
  const { answer, protocol } = upstream;
  if (answer === undefined) return undefined;
  const refusal = REFUSALS[protocol];
  if (refusal === undefined)
    return `\`answer\` needs an upstream that is a proxy (connect, socks5), and it speaks ${describeTransport(upstream)}`;
  if (answer === 'never' || (answer >= refusal.least && answer <= refusal.most)) return undefined;
  return `\`answer: ${answer}\` is no refusal over ${protocol}: it needs ${refusal.what}, or \`never\``;
}

/** Why what a case says of WebSocket over HTTP/2 cannot be had; undefined where it can. */
function http2Gap(testCase: Case, transports: Transports): string | undefined {
  for (const one of allTransports(testCase, transports)) {
    if (one.http2 && !isWebSocket(one)) return `\`http2\` is for websocket, and one speaks ${one.protocol}`;
    if (one.http2 && one.eager) return '`eager` needs HTTP/1.1: a stream waits for its answer';
  }
  const { client, upstream } = transports;
  if (client.connectProtocol === false) return '`connectProtocol` is for upstreams: they announce it';
  if (upstream?.connectProtocol === false && !isOverH2(upstream))
    return `\`connectProtocol\` needs h2, and the upstream speaks ${describeTransport(upstream)}`;
  return undefined;
}

/** Refuses `tls: { ca }` in a scenario: once planned, it has no folder to find certificate files from. */
function authorityGap(testCase: Case): string | undefined {
  const changes = [
    testCase.over?.client,
    testCase.over?.upstream,
    ...clientGroups(testCase).map(({ over }) => over),
  ];
  const names = changes.some(
    (one) => typeof one === 'object' && typeof one.tls === 'object' && one.tls.ca !== undefined,
  );
  return names ? '`tls: { ca }` belongs into the target file' : undefined;
}

/** Steps that a connection has whose handshake stands still. */
const WITHOUT_BYTES: ReadonlySet<Step['kind']> = new Set([
  'open',
  'wait',
  'expect-ending',
  'half-close',
  'close',
  'abandon',
  'reset',
]);

/** Why a handshake cannot be as the options of TLS say; undefined where it can. */
function handshakeGap(testCase: Case, { client, upstream }: Transports): string | undefined {
  if (upstream?.tls?.certificate === 'none')
    return '`certificate: none` is for clients: an upstream shows one';
  if (upstream?.tls?.resume) return '`resume` is for clients: they offer the session';
  for (const { over, script } of clientGroups(testCase)) {
    const { tls } = refineTransport(client, over);
    if (tls?.clientCertificate)
      return '`clientCertificate: required` is for upstreams: the target is their client';
    const step = tls?.stall === undefined ? undefined : script.find(({ kind }) => !WITHOUT_BYTES.has(kind));
    if (step !== undefined) return `the step \`${step.kind}\` of the client: its handshake stalls`;
  }
  return undefined;
}

/** Why the load of a case cannot be put on its transports; undefined where it can. */
function loadGap({ load }: Case, { client, upstream }: Transports): string | undefined {
  if (load === undefined) return undefined;
  const bare = [client, ...(upstream === undefined ? [] : [upstream])].find((one) => !speaksHttp(one));
  if (bare !== undefined)
    return `\`load\` needs http on both sides, and one speaks ${describeTransport(bare)}`;
  return client.tls?.stall === undefined ? undefined : '`load` needs handshakes that do not stall';
}
/**
 * Whether a side cannot end its half alone. The end of an HTTP body is not the end of a connection: a proxy need not pass it on as one. A
 * WebSocket ends by a handshake of both sides.
 */
const hasNoHalfClose = (transport: Transport): boolean =>
  speaksHttp(transport) || transport.protocol === 'websocket-frames';

/** Why a connection can have no other keys; undefined where it can. */
function keysGap({ kind }: Step, transport: Transport): string | undefined {
  const { tls } = transport;
  if (kind === 'key-update')
    return tls === undefined || tls.version === '1.2'
      ? `needs TLS 1.3, and it speaks ${describeTransport(transport)}`
      : undefined;
  const isCut = tls?.pieces !== undefined || tls?.records !== undefined;
  return tls?.version !== '1.2' || isCut || isOverH2(transport) || speaksHttp(transport)
    ? "needs bytes or websocket over TLS 1.2 (`tls: { version: '1.2' }`), in whole pieces"
    : undefined;
}

/** Steps of HTTP/2 that a WebSocket on a stream has, too. */
const OF_A_STREAM: ReadonlySet<Step['kind']> = new Set([
  'cancel',
  'goaway',
  'settings',
  'freeze',
  'expect-h2',
]);

function scriptGap(side: Side, script: readonly Step[], transport: Transport): string | undefined {
  const speaks = describeTransport(transport);
  const because = (step: Step, why: string): string => `the step \`${step.kind}\` of the ${side}: ${why}`;
  for (const step of script) {
    switch (step.kind) {
      case 'half-close':
        if (hasNoHalfClose(transport) && !(speaksHttp(transport) && endsAsClient(side, script, transport)))
          return because(step, `${speaks} has no half-close`);
        break;
      case 'request':
      case 'expect-response':
      case 'expect-failure':
      case 'expect-request':
      case 'respond':
        if (!speaksHttp(transport)) return because(step, `needs http, and it speaks ${speaks}`);
        if (step.kind === 'request' && step.request.protocol !== undefined && !speaksH2(transport))
          return because(step, `\`protocol\` needs h2, and it speaks ${speaks}`);
        if (speaksH2(transport)) {
          const gap = h2Gap(step);
          if (gap !== undefined) return because(step, gap);
        }
        break;
      case 'raw':
        if (speaksH2(transport)) return because(step, `${speaks} has frames, not text`);
        break;
      case 'cancel':
      case 'goaway':
      case 'settings':
      case 'freeze':
      case 'continuation':
      case 'half-head':
      case 'expect-h2':
      case 'grpc':
      case 'expect-grpc':
        if (!(speaksH2(transport) || (isOverH2(transport) && OF_A_STREAM.has(step.kind))))
          return because(step, `needs h2, and it speaks ${speaks}`);
        break;
      case 'ws':
      case 'expect-ws':
        if (transport.protocol !== 'websocket-frames')
          return because(step, `needs websocket, and it speaks ${speaks}`);
        break;
      case 'hello':
        if (transport.tls || transport.protocol !== 'bytes')
          return because(step, `needs bare bytes, not ${speaks}`);
        break;
      case 'key-update':
      case 'renegotiate': {
        const gap = keysGap(step, transport);
        if (gap !== undefined) return because(step, gap);
        break;
      }
      default:
    }
  }
  return undefined;
}

/** Whether a half-close is the FIN of a client that makes its HTTP/1.1 requests itself: it says that no request follows, on its connection alone. */
function endsAsClient(side: Side, script: readonly Step[], transport: Transport): boolean {
  const asks = script.some(({ kind }) => kind === 'request' || kind === 'ask' || kind === 'raw');
  return side === 'client' && !speaksH2(transport) && asks;
}
