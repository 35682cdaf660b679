import type { GrpcStep } from '../protocols/grpc-step.ts';
import { describeBytes } from './describe-bytes.ts';

/** Describes a step of gRPC, such as `call /lastfin.Test/Call`. */
export function describeGrpcStep(step: GrpcStep): string {
  if (step.kind === 'expect-grpc') {
    const { part } = step;
    if (part.type === 'message') return `expect a gRPC message of ${describeBytes(part.bytes)}`;
    if (part.type === 'end') return 'expect that the client sends no more messages';
    return part.codes === 'failed'
      ? 'expect any gRPC status but 0'
      : `expect the gRPC status ${part.codes.join(' or ')}`;
  }
  const { act } = step;
  switch (act.type) {
    case 'call':
      return `call ${act.path}${act.timeout === undefined ? '' : ` within ${act.timeout} ms`}`;
    case 'message':
      return `send a gRPC message of ${describeBytes(act.bytes)}`;
    case 'end':
      return 'send no more messages';
    default:
      return `end the call with the gRPC status ${act.code}`;
  }
}
