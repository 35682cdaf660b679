import * as z from '../../../shared/vendor/zod.ts';
import { bytes, duration } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { type ExpectedGrpc, GRPC_PATH, type GrpcAct } from '../protocols/grpc-step.ts';
import type { Step } from '../step.ts';

/** Longest that a call may be told to take, ms. */
const LONGEST = 3_600_000;

const code = z.int().min(0).max(16).describe('Status of gRPC: 0 is OK.');

const message = z
  .strictObject({ message: bytes.describe('Patterned bytes.') })
  .transform((one) => ({ type: 'message' as const, bytes: one.message }));

const end = z.literal('end').transform(() => ({ type: 'end' as const }));

const call = z
  .strictObject({
    call: z.string().regex(/^\/[^/]+\/[^/]+$/, 'must be /package.Service/Method'),
    timeout: duration(1, LONGEST, 'from 1ms to 1h')
      .optional()
      .describe('What the upstream is told as grpc-timeout.'),
  })
  .transform((one): GrpcAct => ({
    type: 'call',
    path: one.call,
    ...(one.timeout === undefined ? {} : { timeout: one.timeout }),
  }));

const usual = z.literal('call').transform((): GrpcAct => ({ type: 'call', path: GRPC_PATH }));

const status = z
  .strictObject({ status: code, text: z.string().default('').describe('What grpc-message says.') })
  .transform((one): GrpcAct => ({ type: 'status', code: one.status, text: one.text }));

/** Schema of the step `grpc`. */
export const GRPC_STEP = z
  .strictObject({
    step: z.literal('grpc'),
    grpc: z.union([usual, end, call, message, status], {
      error:
        'must be `call`, `{ call: /package.Service/Method }`, `{ message: 64 }`, `end`, or `{ status: 0 }`',
    }),
  })
  .transform(({ grpc }): Step => ({ kind: 'grpc', act: grpc }));

const expectedStatus = z
  .strictObject({ status: z.union([code, z.array(code).min(1), z.literal('failed')]) })
  .transform((one): ExpectedGrpc => ({
    type: 'status',
    codes: one.status === 'failed' ? 'failed' : [one.status].flat(),
  }));

/** Schema of what `expect` has for gRPC. */
export const EXPECTED_GRPC = z.strictObject({
  grpc: z
    .union([end, message, expectedStatus], {
      error: 'must be `{ message: 64 }`, `end`, `{ status: 0 }`, or `{ status: failed }`',
    })
    .describe('A whole message, the end of what the client sends, or the status of the call.'),
});
