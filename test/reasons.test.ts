import { expect, test } from 'vitest';

import { TERMINATION_REASONS } from '../harness/scenario/expectations.ts';
import { TERMINATION_REASONS as OF_PROXY } from '../proxy/connection/termination.ts';

// the proxy knows nothing of the harness, so that each has its list
test('proxy and harness have the same termination reasons', () => {
  expect(OF_PROXY).toEqual(TERMINATION_REASONS);
});
