import { expect, test } from 'vitest';

import { CountTable } from './count-table.ts';

test('every name is counted from the start; those that never occurred may be left out', () => {
  const table = new CountTable(['closed', 'reset']);
  expect(table.all()).toEqual({ closed: 0, reset: 0 });
  expect(table.occurred()).toEqual({});
  table.add('reset');
  table.add('reset');
  expect(table.all()).toEqual({ closed: 0, reset: 2 });
  expect(table.occurred()).toEqual({ reset: 2 });
});
