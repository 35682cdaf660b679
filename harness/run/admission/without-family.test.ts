import { expect, test } from 'vitest';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { startsWithoutFamily } from './without-family.ts';

const dies = new LastfinError('LASTFIN_TARGET_START', 'the target exited with 1 before it was ready', {
  facts: { code: 1, signal: null },
});

test('a stranger that does not start with addresses of IPv6 is left out of their cases', () => {
  expect(startsWithoutFamily({ family: 'ipv6' }, { contract: false }, dies)).toContain('families: [ipv4]');
});

test.each([
  ['IPv4', 'ipv4', false, dies],
  ['a target with a contract', 'ipv6', true, dies],
  [
    'a start that takes too long',
    'ipv6',
    false,
    new LastfinError('LASTFIN_TARGET_START', 'not ready within'),
  ],
  ['anything else that goes wrong', 'ipv6', false, new LastfinError('LASTFIN_LAB', 'no port is left')],
] as const)('%s: an error all the same', (_, family, contract, error) => {
  expect(startsWithoutFamily({ family }, { contract }, error)).toBeUndefined();
});
