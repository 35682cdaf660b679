import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { ExpectedGrpc, GrpcAct, GrpcStep } from '../../scenario/protocols/grpc-step.ts';
import type { ActorConnection } from '../actor-connection.ts';
import { StepFailure } from '../round-services.ts';
import { H2Client } from '../transports/h2/h2-client.ts';
import { H2Exchange } from '../transports/h2/h2-exchange.ts';
import { LOST, NONE, statusOfAnswer, statusOfReset } from './grpc-status.ts';

/** Runs a step of gRPC. */
export async function runGrpcStep(
  connection: ActorConnection,
  step: GrpcStep,
  deadline: number,
): Promise<void> {
  const { pipe, actor } = connection;
  if (!(pipe instanceof H2Client || pipe instanceof H2Exchange)) {
    const message = `a step of gRPC of the ${actor}, which does not speak HTTP/2`;
    throw new LastfinError('LASTFIN_SCENARIO_INVALID', message);
  }
  if (step.kind === 'grpc') return act(connection, pipe, step.act, deadline);
  return awaitPart(connection, pipe, step.part, deadline);
}

async function act(
  connection: ActorConnection,
  pipe: H2Client | H2Exchange,
  what: GrpcAct,
  deadline: number,
): Promise<void> {
  switch (what.type) {
    case 'call':
      if (pipe instanceof H2Client) call(connection, pipe, what);
      return;
    case 'message':
      if (!connection.canSend) throw new StepFailure(`could not send: ${connection.state}`);
      pipe.beginGrpcMessage(what.bytes);
      return connection.send(what.bytes, deadline);
    case 'end':
      return pipe.finish();
    case 'status':
      if (pipe instanceof H2Exchange) pipe.endCall(what.code, what.text);
  }
}

function call(
  connection: ActorConnection,
  pipe: H2Client,
  { path, timeout }: Extract<GrpcAct, { type: 'call' }>,
): void {
  connection.beginMessage();
  const headers = {
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(timeout === undefined ? {} : { 'grpc-timeout': `${timeout}m` }),
  };
  pipe.beginCall({ method: 'POST', path, headers, body: 0, length: 'chunked' });
}

async function awaitPart(
  connection: ActorConnection,
  pipe: H2Client | H2Exchange,
  part: ExpectedGrpc,
  deadline: number,
): Promise<void> {
  const { round, signal } = connection;
  const until = (what: string, came: () => boolean): Promise<void> =>
    round.until(`expect ${what}`, () => came() || isOver(connection, pipe), deadline, signal);
  if (part.type === 'message') {
    await until('a gRPC message', () => pipe.grpcMessages.length > 0);
    const bytes = pipe.grpcMessages.shift();
    if (bytes === part.bytes) return connection.expects(bytes);
    const found = bytes === undefined ? `none came: ${connection.state}` : `${bytes} bytes came`;
    throw new StepFailure(`expected a gRPC message of ${part.bytes} bytes, ${found}`);
  }
  if (part.type === 'end') {
    if (!(pipe instanceof H2Exchange)) return;
    await until('the end of the messages', () => pipe.isRequested);
    if (!pipe.isRequested) throw new StepFailure(`expected the end of the messages: ${connection.state}`);
    return;
  }
  if (!(pipe instanceof H2Client)) return;
  await until('a gRPC status', () => false);
  const status = statusOf(pipe);
  if (part.codes === 'failed' ? status !== 0 : part.codes.includes(status)) return;
  const wanted =
    part.codes === 'failed' ? 'any gRPC status but 0' : `the gRPC status ${part.codes.join(' or ')}`;
  throw new StepFailure(`expected ${wanted}, it is ${status}: ${connection.state}`);
}

/** Whether a call is over: answered whole, reset, or lost with its connection. */
function isOver(connection: ActorConnection, pipe: H2Client | H2Exchange): boolean {
  const isAnswered = pipe instanceof H2Client && pipe.isCallAnswered;
  return isAnswered || pipe.isOver || pipe.isLost || !connection.isOpen;
}

/** Status of the last call as a client of gRPC sees it. */
function statusOf(pipe: H2Client): number {
  const { resetCode, isCallAnswered, callHead, trailers } = pipe;
  const told =
    (isCallAnswered ? trailers.get('grpc-status') : undefined) ?? callHead?.headers.get('grpc-status');
  if (told !== undefined) return Number(told);
  if (resetCode !== undefined) return statusOfReset(resetCode);
  if (!isCallAnswered) return LOST;
  const http = Number(callHead?.first.split(' ')[1]);
  return http === 200 ? NONE : statusOfAnswer(http);
}
