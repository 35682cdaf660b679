import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { ExpectedWs, WsMessage, WsStep } from '../../scenario/protocols/ws-step.ts';
import type { ActorConnection } from '../actor-connection.ts';
import { StepFailure } from '../round-services.ts';
import { OPCODES } from '../../../shared/websocket/frame-format.ts';
import { h2Of } from '../transports/h2/h2-of.ts';
import { FramePipe } from '../transports/websocket/frame-pipe.ts';

/** Runs a step of WebSocket frames. */
export async function runWsStep(connection: ActorConnection, step: WsStep, deadline: number): Promise<void> {
  const { pipe, actor } = connection;
  if (!(pipe instanceof FramePipe)) {
    const message = `a step of WebSocket frames of the ${actor}, which does not speak them`;
    throw new LastfinError('LASTFIN_SCENARIO_INVALID', message);
  }
  if (step.kind === 'ws') return send(connection, pipe, step.message, deadline);
  return awaitFrame(connection, pipe, step, deadline);
}

async function send(
  connection: ActorConnection,
  pipe: FramePipe,
  message: WsMessage,
  deadline: number,
): Promise<void> {
  if (!connection.canSend) throw new StepFailure(`could not send: ${connection.state}`);
  const { type, masked, reserved } = message;
  const mistake = {
    ...(masked === undefined ? {} : { masked }),
    ...(reserved === undefined ? {} : { reserved }),
  };
  if (type === 'close') {
    pipe.sendClose(message.code, message.reason, mistake);
    return flushed(connection, pipe, deadline);
  }
  // nobody takes what is wrong: it is not counted among the bytes that must arrive
  const isWrong = masked !== undefined || reserved !== undefined;
  if (type === 'binary') {
    const { length, fragments, bytes } = message;
    pipe.begin({ opcode: OPCODES.binary, length, fragments, ...mistake });
    if (isWrong) pipe.write(Buffer.alloc(bytes));
    else await connection.send(bytes, deadline);
    return;
  }
  const text = Buffer.from(message.text);
  if (type !== 'text') {
    pipe.sendProbe(type, text, mistake);
    return flushed(connection, pipe, deadline);
  }
  pipe.begin({ opcode: OPCODES.text, length: text.length, fragments: message.fragments, ...mistake });
  if (isWrong) pipe.write(text);
  else if (text.length > 0) await connection.write(text, deadline);
}

/** Waits until the kernel has taken a control frame: HTTP/2 writes it a moment later, and the next step may end the connection. */
async function flushed(connection: ActorConnection, pipe: FramePipe, deadline: number): Promise<void> {
  let isWritten = h2Of(pipe) === undefined || !pipe.inner.writable;
  if (isWritten) return;
  pipe.inner.write(Buffer.alloc(0), () => {
    isWritten = true;
    connection.round.changed();
  });
  const settled = (): boolean => isWritten || connection.hasEnded;
  await connection.round.until('send', settled, deadline, connection.signal);
}

/** Waits for the next message, or control frame of this kind, that no step has waited for yet. */
async function awaitFrame(
  connection: ActorConnection,
  pipe: FramePipe,
  { message, orEnd }: Extract<WsStep, { kind: 'expect-ws' }>,
  deadline: number,
): Promise<void> {
  const what = message.type === 'text' || message.type === 'binary' ? 'message' : `${message.type} frame`;
  const came = (): boolean => isHere(pipe, message);
  const settled = (): boolean => came() || connection.hasEnded;
  await connection.round.until(`expect a ${what}`, settled, deadline, connection.signal);
  if (!came()) {
    if (orEnd) return;
    throw new StepFailure(`expected a ${what}, none came: ${connection.state}`);
  }
  const wrong = difference(connection, pipe, message);
  if (wrong !== undefined) throw new StepFailure(wrong);
}

function isHere({ messages, pings, pongs, closeCode }: FramePipe, { type }: ExpectedWs): boolean {
  if (type === 'close') return closeCode !== undefined;
  return (type === 'ping' ? pings : type === 'pong' ? pongs : messages).length > 0;
}

/** Takes what came, and tells in words how it differs from what was expected; undefined: it does not. */
function difference(connection: ActorConnection, pipe: FramePipe, expected: ExpectedWs): string | undefined {
  if (expected.type === 'close') {
    const { codes } = expected;
    const code = pipe.closeCode ?? 0;
    if (codes === undefined || codes.includes(code)) return undefined;
    return `expected a close frame with ${codes.join(' or ')}, its code is ${code}`;
  }
  if (expected.type === 'ping') return void pipe.pings.shift();
  if (expected.type === 'pong') return void pipe.pongs.shift();
  const came = pipe.messages.shift();
  if (came === undefined) return undefined;
  connection.expects(came.bytes);
  const found = `a ${came.type} message of ${came.bytes} bytes came`;
  if (expected.type === 'binary')
    return came.type === 'binary' && came.bytes === expected.bytes
      ? undefined
      : `expected a binary message of ${expected.bytes} bytes, ${found}`;
  if (came.type === 'text' && came.text === expected.text) return undefined;
  const text = came.type === 'text' ? `: ${JSON.stringify(came.text.slice(0, 100))}` : '';
  return `expected the message ${JSON.stringify(expected.text)}, ${found}${text}`;
}
