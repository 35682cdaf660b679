import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { GrpcStep } from '../scenario/protocols/grpc-step.ts';
import type { SampleRequest } from '../scenario/sample-request.ts';
import type { H2Step, Step, WaitFor } from '../scenario/step.ts';
import type { WsStep } from '../scenario/protocols/ws-step.ts';
import type { ActorConnection } from './actor-connection.ts';
import { runGrpcStep } from './grpc/grpc-steps.ts';
import { runH2Step } from './http/h2-steps.ts';
import { HttpClient } from './transports/http/http-client.ts';
import { clientHello } from './transports/tls/client-hello.ts';
import { updateKeys } from './transports/tls/tls.ts';
import { Tls12Client } from './transports/tls/tls12-client.ts';
import { FramePipe } from './transports/websocket/frame-pipe.ts';
import { runWsStep } from './websocket/ws-steps.ts';
import { StepFailure } from './round-services.ts';

/**
 * Runs a script on one connection, starting at step `from`; `ask` sends the `sample`. A failed step is recorded on the connection, which is
 * then left as it is; anything but a {@link StepFailure} (an abort, a lab error) is thrown.
 */
export async function runScript(
  connection: ActorConnection,
  script: readonly Step[],
  deadline: number,
  { from = 0, sample }: { from?: number; sample?: SampleRequest } = {},
): Promise<void> {
  for (let index = from; index < script.length; index++) {
    const step = script[index] as Step;
    try {
      const number = script.slice(0, index).filter(({ kind }) => kind === step.kind).length;
      await runStep(connection, step, number, deadline, sample);
      connection.timeline?.note('step', { step: index });
      if (connection.actor === 'upstream' && isFirstExpect(script, index)) {
        connection.round.expected++;
        connection.round.changed();
      }
    } catch (error) {
      if (connection.isTakenOver) return;
      if (!(error instanceof StepFailure)) throw error;
      if (mayBeLost(connection, script, index)) continue;
      const { message, status } = error;
      connection.failure = { step: step.kind, index, message, ...(status !== undefined && { status }) };
      connection.timeline?.note('error', { step: index });
      return;
    }
  }
}

/** Whether bytes or a request cannot be sent because their connection has ended, and the script takes such an end. */
function mayBeLost(connection: ActorConnection, script: readonly Step[], index: number): boolean {
  if (connection.canSend || connection.seen === 'none') return false;
  const kind = script[index]?.kind;
  const next = script[index + 1];
  // who ends it before the first byte has only been faster
  if (kind === 'send') return next?.kind === 'expect-ending' && next.ending === 'closed';
  const answer = script.slice(index).find((step) => step.kind.startsWith('expect'));
  const isTaken =
    answer?.kind === 'expect-failure' || (answer?.kind === 'expect-response' && answer.orEnd === true);
  return kind === 'request' && isTaken;
}

function isFirstExpect(script: readonly Step[], index: number): boolean {
  return script.findIndex(({ kind }) => kind.startsWith('expect')) === index;
}

/** @param number index among the steps of this kind in the script, from 0 */
async function runStep(
  connection: ActorConnection,
  step: Step,
  number: number,
  deadline: number,
  sample: SampleRequest,
): Promise<void> {
  if (connection.isTakenOver) return;
  switch (step.kind) {
    case 'open':
      return;
    case 'send':
      return connection.send(step.bytes, deadline, step.pace);
    case 'flood':
      return connection.flood();
    case 'expect':
      return connection.expect(step.bytes, deadline);
    case 'expect-ending':
      return expectEnding(connection, step.ending, deadline);
    case 'half-close':
      return connection.halfClose();
    case 'close':
      return connection.close(deadline);
    case 'abandon':
      return connection.abandon();
    case 'reset':
      return connection.reset();
    case 'stall':
      return connection.stall();
    case 'resume':
      return connection.resume();
    case 'wait':
      return waitFor(connection, step.for, deadline);
    case 'advance':
      return connection.round.advance(number, step.ms, deadline, connection.signal);
    case 'look':
      return connection.round.look(number, deadline, connection.signal);
    case 'hello': {
      const hello = await clientHello(step.servername, step.least);
      return connection.write(hello.subarray(0, step.bytes), deadline);
    }
    case 'renegotiate':
      return renegotiate(connection, step.servername, deadline);
    case 'key-update':
      if (!updateKeys(connection.socket, step.times, step.requests))
        throw new LastfinError('LASTFIN_SCENARIO_INVALID', '`key-update` on a connection without TLS 1.3');
      return;
    case 'raw': {
      const { pipe } = connection;
      const text = pipe instanceof HttpClient ? pipe.fill(step.text) : step.text;
      const bytes = Buffer.from(text, 'latin1');
      if (pipe instanceof FramePipe) pipe.passAsTheyStand(bytes.length);
      return connection.write(bytes, deadline, step.pace);
    }
    default:
      return runMessageStep(connection, step, deadline, sample);
  }
}

function waitFor(connection: ActorConnection, state: WaitFor, deadline: number): Promise<void> {
  const { round, actor, signal } = connection;
  if (actor === 'client' && state.state === 'faulted') {
    round.waiting++;
    round.changed();
  }
  return round.waitFor(state, deadline, signal);
}

/** Steps of a protocol with messages; a kind that neither function knows does not compile. */
type MessageStep =
  | H2Step
  | WsStep
  | GrpcStep
  | Extract<
      Step,
      {
        kind:
          | 'request'
          | 'expect-response'
          | 'expect-failure'
          | 'ask'
          | 'expect-answer'
          | 'expect-request'
          | 'respond';
      }
    >;

async function runMessageStep(
  connection: ActorConnection,
  step: MessageStep,
  deadline: number,
  sample: SampleRequest,
): Promise<void> {
  const { http } = connection;
  switch (step.kind) {
    case 'cancel':
    case 'goaway':
    case 'settings':
    case 'freeze':
    case 'continuation':
    case 'half-head':
    case 'expect-h2':
      return runH2Step(connection, step, deadline);
    case 'ws':
    case 'expect-ws':
      return runWsStep(connection, step, deadline);
    case 'grpc':
    case 'expect-grpc':
      return runGrpcStep(connection, step, deadline);
    case 'request':
      return http.request(step.request, deadline);
    case 'expect-response':
      return http.expectResponse(step, deadline);
    case 'expect-failure':
      return http.answers.expectFailure(deadline);
    case 'ask':
      return http.ask(sample, deadline);
    case 'expect-answer':
      return http.expectAnswer(sample, deadline);
    case 'expect-request':
      return http.expectRequest(step, deadline);
    case 'respond':
      return http.respond(step.response, deadline);
  }
}

async function expectEnding(
  connection: ActorConnection,
  ending: 'end' | 'reset' | 'closed',
  deadline: number,
): Promise<void> {
  const { round, signal } = connection;
  await round.until(`expect ${ending}`, () => connection.hasEnded, deadline, signal);
  if (ending !== 'closed' && connection.seen !== ending)
    throw new StepFailure(`expected ${ending}: ${connection.state}`);
}

/** Does another TLS handshake on a connection; waits until it is done, or the peer has ended the connection for it. */
async function renegotiate(
  connection: ActorConnection,
  servername: string | false,
  deadline: number,
): Promise<void> {
  const { pipe } = connection;
  if (!(pipe instanceof Tls12Client)) throw new StepFailure('could not renegotiate: no TLS 1.2');
  const before = pipe.handshakes;
  pipe.begin(servername);
  const done = (): boolean => pipe.handshakes > before || connection.hasEnded;
  await connection.round.until('renegotiate', done, deadline, connection.signal);
}
