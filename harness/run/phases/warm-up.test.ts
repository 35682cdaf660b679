import { afterEach, expect, test } from 'vitest';

import { emptySample } from '../../probe/observer.ts';
import { PipeContext } from '../testing/pipe-context.ts';
import { warmUp } from './warm-up.ts';

let pipe: PipeContext;
afterEach(() => {
  pipe.close();
});

test('the baseline is taken once the target has let go of the warm-up, at the case’s own concurrency', async () => {
  let looks = 0;
  let looksBefore = 0;
  pipe = await PipeContext.open({
    case: { connections: { count: 9, concurrent: 5 } },
    observer: () => ({
      // one before the warm-up, three while a descriptor is still open
      sample: () => Promise.resolve({ ...emptySample(), fds: { socket: looks++ > 0 && looks < 5 ? 2 : 1 } }),
      baseline: () => {
        looksBefore = looks;
        return Promise.resolve();
      },
      blind: ['threads'],
    }),
  });
  const baseline = await warmUp(pipe.context);
  expect(pipe.accepted).toBe(5);
  expect(looksBefore).toBe(5);
  expect(baseline.fds).toEqual({ socket: 1 });
  expect(pipe.entries('sample')).toEqual([expect.objectContaining({ at: 'baseline', sample: baseline })]);
  expect(pipe.entries('blind')).toEqual([expect.objectContaining({ what: 'threads' })]);
});
