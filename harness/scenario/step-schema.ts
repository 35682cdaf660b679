import { z } from 'zod';
import { byKey, bytesOrEnding, count } from './fields.ts';
import { bytes, duration } from '../../yaml-file/scalar-fields.ts';
import type { Step, WaitFor } from './scenario.ts';

/** Node keeps the delay of a timer in 31 bits, about 24.8 days: there is nothing to see beyond. ms */
const MAX_ADVANCE = 720 * 3_600_000;

const bare = <const K extends Step['kind']>(kind: K) =>
  z.strictObject({ step: z.literal(kind) }).transform(() => ({ kind }));

const waitFor = z.preprocess(
  byKey('state'),
  z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('opened'), opened: count }),
    z.strictObject({ state: z.literal('established'), established: count }),
    z.strictObject({ state: z.literal('half-closed'), 'half-closed': count }),
    z.strictObject({ state: z.literal('records'), records: count }),
    z.strictObject({ state: z.literal('faulted') }),
    z.strictObject({ state: z.literal('healed') }),
  ]),
);

/** One step of a script: `open`, `send: 64`, `wait: { established: all }`. */
export const stepSchema = z.preprocess(
  byKey('step'),
  z.discriminatedUnion('step', [
    bare('open'),
    z
      .strictObject({ step: z.literal('send'), send: bytes })
      .transform((step): Step => ({ kind: 'send', bytes: step.send })),
    bare('flood'),
    z
      .strictObject({ step: z.literal('expect'), expect: bytesOrEnding })
      .transform(({ expect }): Step =>
        typeof expect === 'number'
          ? { kind: 'expect', bytes: expect }
          : { kind: 'expect-ending', ending: expect },
      ),
    bare('half-close'),
    bare('close'),
    bare('abandon'),
    bare('reset'),
    bare('stall'),
    bare('resume'),
    z
      .strictObject({ step: z.literal('wait'), wait: waitFor })
      .transform((step): Step => ({ kind: 'wait', for: toWaitFor(step.wait) })),
    z
      .strictObject({ step: z.literal('advance'), advance: duration(1, MAX_ADVANCE, 'from 1ms to 720h') })
      .transform((step): Step => ({ kind: 'advance', ms: step.advance })),
  ]),
);

function toWaitFor(wait: z.output<typeof waitFor>): WaitFor {
  switch (wait.state) {
    case 'opened':
      return { state: 'opened', count: wait.opened };
    case 'established':
      return { state: 'established', count: wait.established };
    case 'records':
      return { state: 'records', count: wait.records };
    case 'faulted':
    case 'healed':
      return { state: wait.state };
    default:
      return { state: 'half-closed', count: wait['half-closed'] };
  }
}
