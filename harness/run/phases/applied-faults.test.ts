import { afterEach, expect, test } from 'vitest';

import { roundAlone } from '../../actors/testing/round-alone.ts';
import type { Fault } from '../../scenario/fault.ts';
import { PipeContext } from '../testing/pipe-context.ts';
import { AppliedFaults } from './applied-faults.ts';
import { recover } from './recover.ts';

const BLACKHOLE: Fault = { kind: 'blackhole', when: { at: 'connect' } };

let pipe: PipeContext;
afterEach(() => {
  pipe.close();
});

const applied = (): AppliedFaults =>
  new AppliedFaults(pipe.context, { round: roundAlone(1), faults: [BLACKHOLE] });

test('a fault that is being applied when its round ends is healed, too', async () => {
  pipe = await PipeContext.open();
  const faults = applied();
  // a target that dies ends its round between the two
  const applying = faults.apply(BLACKHOLE);
  await faults.heal();
  await applying;
  expect(pipe.entries('fault').map(({ action }) => action)).toEqual(['applied', 'healed']);
  await recover(pipe.context, { count: 1 });
  expect(pipe.entries('recovery')).toEqual([expect.objectContaining({ asked: 1, served: 1 })]);
});

test('no fault begins once its round is over', async () => {
  pipe = await PipeContext.open();
  const faults = applied();
  await faults.heal();
  await expect(faults.apply(BLACKHOLE)).rejects.toThrow('the round is over');
  expect(pipe.entries('fault')).toEqual([]);
});
