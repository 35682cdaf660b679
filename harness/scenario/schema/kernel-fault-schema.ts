import * as z from '../../../shared/vendor/zod.ts';
import { bytes, duration, scalar } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { CABLES, DNS_ANSWERS, UNREACHABLE_AS } from '../kernel-fault.ts';
import type { Fault } from '../fault.ts';
import type { Trigger } from '../trigger.ts';

/** Share of packets: `10%`. */
const share = scalar(
  'a share of the packets above 0% and up to 100%, such as 10%',
  (value) => {
    const percent = typeof value === 'string' && /^\d+(\.\d+)?%$/.test(value) ? Number.parseFloat(value) : 0;
    return percent > 0 && percent <= 100 ? percent / 100 : undefined;
  },
  '^\\d+(\\.\\d+)?%$',
);

const side = z.enum(['client', 'upstream']);
const direction = z.enum(['to-upstream', 'to-client']).optional().describe('Without it: both ways.');
export const forATime = duration(1, 60_000, 'from 1ms to 1m')
  .optional()
  .describe('Healed after this time; without it, at the end of the round.');
const simulate = z
  .boolean()
  .default(false)
  .describe('Without a namespace, throw the same error inside a Node target instead of skipping the case.');
export const address = z
  .int()
  .min(1)
  .optional()
  .describe("Only this one of the upstream's addresses, the first is 1.");
const left = z.int().min(0).max(1000);

/** Schemas of the faults that the kernel makes; `when` is the schema of their trigger. */
export function kernelFaultSchemas(when: z.ZodType<Trigger>) {
  return [...packetFaults(when), ...resourceFaults(when), ...cableFaults(when)] as const;
}

/** Faults that change what becomes of packets and connections. */
function packetFaults(when: z.ZodType<Trigger>) {
  return [
    z
      .strictObject({
        fault: z.literal('unreachable'),
        side,
        as: z.enum(UNREACHABLE_AS).default('host'),
        address,
        for: forATime,
        simulate,
        when,
      })
      .transform(toFault),
    z
      .strictObject({
        fault: z.literal('timeout'),
        side,
        direction,
        drop: z.enum(['input', 'output']).default('input'),
        address,
        for: forATime,
        simulate,
        when,
      })
      .transform(toFault),
    z
      .strictObject({
        fault: z.literal('firewall-reset'),
        side,
        direction,
        for: forATime,
        simulate,
        when,
      })
      .transform(toFault),
    z.strictObject({ fault: z.literal('abort'), side, simulate, when }).transform(toFault),
    z
      .strictObject({ fault: z.literal('loss'), share, side, direction, for: forATime, when })
      .transform(toFault),
    z
      .strictObject({ fault: z.literal('rate'), bytes, side, direction, for: forATime, when })
      .transform(toFault),
  ] as const;
}

/** Faults of what a process asks its kernel for: ports, descriptors, names. */
function resourceFaults(when: z.ZodType<Trigger>) {
  return [
    z.strictObject({ fault: z.literal('ports'), left, for: forATime, simulate, when }).transform(toFault),
    z
      .strictObject({ fault: z.literal('descriptors'), left, for: forATime, simulate, when })
      .transform(toFault),
    z
      .strictObject({
        fault: z.literal('dns'),
        answer: z.enum(DNS_ANSWERS),
        delay: duration(1, 10_000, 'from 1ms to 10s').default(300).describe('How late a slow answer is.'),
        for: forATime,
        simulate,
        when,
      })
      .transform(toFault),
  ] as const;
}

/** Faults of the network's devices. */
function cableFaults(when: z.ZodType<Trigger>) {
  return [
    z
      .strictObject({ fault: z.literal('cable'), cut: z.enum(CABLES), for: forATime, when })
      .transform(toFault),
    z.strictObject({ fault: z.literal('interface'), side, for: forATime, when }).transform(toFault),
    z
      .strictObject({
        fault: z.literal('flap'),
        cut: z.enum(CABLES),
        times: z.int().min(1).max(100).default(3),
        down: duration(1, 10_000, 'from 1ms to 10s').default(100).describe('How long the cable is out.'),
        up: duration(1, 10_000, 'from 1ms to 10s').default(200).describe('How long it is in between.'),
        when,
      })
      .transform(toFault),
  ] as const;
}

/** Converts a checked fault: `fault:` becomes `kind`; undefined keys are removed. */
function toFault({ fault, ...rest }: { fault: string }): Fault {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { kind: fault, ...given } as unknown as Fault;
}
