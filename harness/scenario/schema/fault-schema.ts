import * as z from '../../../shared/vendor/zod.ts';
import { byKey, count } from './fields.ts';
import { bytes } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { address, forATime, kernelFaultSchemas } from './kernel-fault-schema.ts';
import { type Fault, type PeerFault, TOXIC_TYPES, type ToxicType } from '../fault.ts';
import type { Trigger } from '../trigger.ts';

/** Attributes of each toxic, by Toxiproxy's documentation. */
export const TOXIC_ATTRIBUTES: Record<ToxicType, readonly string[]> = {
  latency: ['latency', 'jitter'],
  bandwidth: ['rate'],
  slow_close: ['delay'],
  timeout: ['timeout'],
  slicer: ['average_size', 'size_variation', 'delay'],
  limit_data: ['bytes'],
  reset_peer: ['timeout'],
};

const side = z.enum(['client', 'upstream']);

const trigger = z
  .preprocess(
    byKey('trigger'),
    z.discriminatedUnion('trigger', [
      z.strictObject({ trigger: z.literal('connect') }),
      z.strictObject({ trigger: z.literal('bytes'), bytes }),
      z.strictObject({ trigger: z.literal('opened'), opened: count }),
      z.strictObject({ trigger: z.literal('connecting'), connecting: count }),
      z.strictObject({ trigger: z.literal('records'), records: count }),
      z.strictObject({ trigger: z.literal('established'), established: count }),
      z.strictObject({ trigger: z.literal('half-closed'), 'half-closed': count }),
      z.strictObject({ trigger: z.literal('waiting'), waiting: count }),
    ]),
  )
  .transform((when): Trigger => {
    switch (when.trigger) {
      case 'connect':
        return { at: 'connect' };
      case 'bytes':
        return { at: 'bytes', bytes: when.bytes };
      case 'opened':
        return { at: 'opened', count: when.opened };
      case 'connecting':
        return { at: 'connecting', count: when.connecting };
      case 'records':
        return { at: 'records', count: when.records };
      case 'established':
        return { at: 'established', count: when.established };
      case 'waiting':
        return { at: 'waiting', count: when.waiting };
      default:
        return { at: 'half-closed', count: when['half-closed'] };
    }
  });

/** Trigger; by default before the first connection. */
const when = trigger.default({ at: 'connect' });

const attributes = z.record(z.string(), z.int().min(0)).default({});

const lasting = (fault: { for?: number | undefined }): { for?: number } =>
  fault.for === undefined ? {} : { for: fault.for };

const byPeer = <const K extends PeerFault>(kind: K) =>
  z
    .strictObject({ fault: z.literal(kind), side, when })
    .transform((fault): Fault => ({ kind, side: fault.side, when: fault.when }));

/** Schema of a fault: `{ fault: reset, side: upstream, when: { established: all } }`. */
export const faultSchema = z.discriminatedUnion('fault', [
  z.strictObject({ fault: z.literal('refused'), address, for: forATime, when }).transform((fault): Fault => ({
    kind: 'refused',
    when: fault.when,
    ...lasting(fault),
    ...(fault.address === undefined ? {} : { address: fault.address }),
  })),
  z
    .strictObject({ fault: z.literal('blackhole'), when })
    .transform((fault): Fault => ({ kind: 'blackhole', when: fault.when })),
  byPeer('reset'),
  byPeer('close'),
  byPeer('half-close'),
  byPeer('abandon'),
  byPeer('stall'),
  z
    .strictObject({
      fault: z.literal('toxic'),
      type: z.enum(TOXIC_TYPES),
      side,
      direction: z.enum(['to-upstream', 'to-client']),
      toxicity: z.number().min(0).max(1).default(1),
      attributes,
      for: forATime,
      when,
    })
    .transform(({ fault, for: _for, ...rest }): Fault => ({
      kind: fault,
      ...rest,
      ...lasting({ for: _for }),
    })),
  z
    .strictObject({ fault: z.literal('down'), side, for: forATime, when })
    .transform((fault): Fault => ({ kind: 'down', side: fault.side, when: fault.when, ...lasting(fault) })),
  z
    .strictObject({
      fault: z.literal('shutdown'),
      times: z
        .int()
        .min(1)
        .max(5)
        .default(1)
        .describe('Stop signals, each when the one before has reached the target.'),
      when,
    })
    .transform((fault): Fault => ({
      kind: 'shutdown',
      when: fault.when,
      ...(fault.times === 1 ? {} : { times: fault.times }),
    })),
  z
    .strictObject({ fault: z.literal('reload'), route: z.string().min(1), when })
    .transform((fault): Fault => ({ kind: 'reload', route: fault.route, when: fault.when })),
  ...kernelFaultSchemas(when),
]);
