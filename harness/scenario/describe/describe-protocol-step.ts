import type { H2Step, Step } from '../step.ts';
import { describeBytes } from './describe-bytes.ts';
import { describeGrpcStep } from './describe-grpc-step.ts';
import { describeWsStep } from './describe-ws-step.ts';

/** Steps of a protocol: messages of HTTP and WebSocket, frames of HTTP/2, handshakes of TLS. */
type ProtocolStep = Exclude<
  Step,
  {
    kind:
      | 'send'
      | 'flood'
      | 'expect'
      | 'expect-ending'
      | 'half-close'
      | 'close'
      | 'abandon'
      | 'reset'
      | 'stall'
      | 'resume'
      | 'open'
      | 'advance'
      | 'look'
      | 'raw'
      | 'wait';
  }
>;

/** Describes a step of a protocol as one phrase. */
export function describeProtocolStep(step: ProtocolStep): string {
  switch (step.kind) {
    case 'request':
      return `${step.request.method} ${step.request.path}${bodyOf(step.request)}`;
    case 'respond':
      return `respond ${step.response.status}${bodyOf(step.response)}`;
    case 'expect-response':
      return `expect ${step.whole ? 'a whole' : 'the head of a'} response ${step.statuses.join(' or ')}${step.orEnd ? ', or an end' : ''}`;
    case 'expect-request':
      return `expect a whole request${step.headers === undefined ? '' : ' with the right headers'}${step.orEnd ? ', or an end' : ''}`;
    case 'expect-failure':
      return 'expect an error of a gateway, or an end before the answer is whole';
    case 'ask':
      return 'send the sample request of the route';
    case 'expect-answer':
      return 'expect an answer';
    case 'hello':
      return describeHello(step);
    case 'key-update':
      return `update the keys of TLS 1.3${step.times === 1 ? '' : `, ${step.times} times`}`;
    case 'renegotiate':
      return `renegotiate TLS for ${step.servername === false ? 'no name' : step.servername}`;
    case 'cancel':
    case 'goaway':
    case 'settings':
    case 'freeze':
    case 'continuation':
    case 'half-head':
    case 'expect-h2':
      return describeH2Step(step);
    case 'ws':
    case 'expect-ws':
      return describeWsStep(step);
    case 'grpc':
    case 'expect-grpc':
      return describeGrpcStep(step);
    default:
      return step satisfies never;
  }
}

function describeHello({ servername, bytes, least }: Extract<Step, { kind: 'hello' }>): string {
  const name = servername === false ? 'no name' : servername;
  const part = bytes === undefined ? 'a' : `${describeBytes(bytes)} of a`;
  const size = least === 0 ? '' : `, at least ${describeBytes(least)} long`;
  return `send ${part} ClientHello for ${name}${size}`;
}

function describeH2Step(step: H2Step): string {
  switch (step.kind) {
    case 'cancel':
      return `cancel the stream (RST_STREAM ${step.code})`;
    case 'goaway':
      return `say that no more streams are taken (GOAWAY ${step.code})`;
    case 'settings':
      return `change the peer's limits (SETTINGS ${JSON.stringify(step.settings)})`;
    case 'freeze':
      return 'read nothing more of the connection';
    case 'continuation':
      return `begin a request whose head goes on for ${step.frames} frames`;
    case 'half-head':
      return 'send a part of a head, and read nothing more';
    case 'expect-h2':
      return step.frame === 'goaway' ? 'expect GOAWAY' : 'expect that the stream is cancelled (RST_STREAM)';
    default:
      return step satisfies never;
  }
}

function bodyOf({ body, length }: { body: number; length?: number | 'chunked' }): string {
  const size = body === 0 ? '' : ` with ${describeBytes(body)}`;
  return typeof length === 'number' && length > body ? `${size} of ${describeBytes(length)}` : size;
}
