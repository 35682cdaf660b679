import type { WsStep } from '../protocols/ws-step.ts';
import { describeBytes } from './describe-bytes.ts';

/** Describes a step of WebSocket frames, such as `send a message of 64 bytes in 3 frames`. */
export function describeWsStep(step: WsStep): string {
  return step.kind === 'ws' ? `send ${sent(step.message)}` : `expect ${expected(step)}`;
}

function sent(message: Extract<WsStep, { kind: 'ws' }>['message']): string {
  const { masked, reserved } = message;
  const mistakes = [
    ...(masked === undefined ? [] : [masked ? ', masked' : ', not masked']),
    ...(reserved === undefined ? [] : [`, reserved bits ${reserved}`]),
  ].join('');
  return `${whatOf(message)}${mistakes}`;
}

function whatOf(message: Extract<WsStep, { kind: 'ws' }>['message']): string {
  switch (message.type) {
    case 'binary': {
      const { bytes, length, fragments } = message;
      const part = length > bytes ? `${describeBytes(bytes)} of ` : '';
      return `${part}a message of ${describeBytes(length)}${inFrames(fragments)}`;
    }
    case 'text':
      return `the message ${JSON.stringify(message.text)}${inFrames(message.fragments)}`;
    case 'close':
      return `a close frame${message.code === undefined ? '' : ` with ${message.code}`}`;
    default:
      return `a ${message.type}`;
  }
}

const inFrames = (count: number): string => (count === 1 ? '' : ` in ${count} frames`);

function expected({ message, orEnd }: Extract<WsStep, { kind: 'expect-ws' }>): string {
  const or = orEnd ? ', or an end' : '';
  switch (message.type) {
    case 'binary':
      return `a message of ${describeBytes(message.bytes)}${or}`;
    case 'text':
      return `the message ${JSON.stringify(message.text)}${or}`;
    case 'close':
      return `a close frame${message.codes === undefined ? '' : ` with ${message.codes.join(' or ')}`}${or}`;
    default:
      return `a ${message.type}${or}`;
  }
}
