import { expect, test } from 'vitest';
import { classifyError, originOfError } from './classify-error.ts';

const coded = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  ['ECONNRESET', 'econnreset'],
  ['EPIPE', 'econnreset'],
  ['ETIMEDOUT', 'etimedout'],
  ['ECONNREFUSED', 'connection_refused'],
  ['EHOSTUNREACH', 'host_unreachable'],
  ['ENETUNREACH', 'host_unreachable'],
  ['EHOSTDOWN', 'host_unreachable'],
  ['ENETDOWN', 'host_unreachable'],
  ['EADDRNOTAVAIL', 'error'],
  ['ENOTFOUND', 'error'],
  ['EMFILE', 'error'],
  ['ENFILE', 'error'],
  ['EAI_AGAIN', 'error'],
  ['constructor', 'error'],
])('%s is %s', (code, reason) => {
  expect(classifyError(coded(code))).toBe(reason);
});

test.each([
  [['ECONNREFUSED', 'ECONNREFUSED'], 'connection_refused'],
  [['ENETUNREACH', 'ECONNREFUSED'], 'connection_refused'],
  [['ETIMEDOUT', 'ENETUNREACH'], 'etimedout'],
  [['ENETUNREACH', 'EACCES'], 'host_unreachable'],
  [['EACCES'], 'error'],
  [[], 'error'],
])('an AggregateError of %j is %s', (codes, reason) => {
  expect(classifyError(new AggregateError(codes.map((code) => coded(code))))).toBe(reason);
});

test.each([undefined, null, 'ECONNRESET', {}, { code: 5 }, new Error('x')])('%j is error', (thrown) => {
  expect(classifyError(thrown)).toBe('error');
});

test.each([
  ['connection_refused', false, 'both'],
  ['host_unreachable', false, 'both'],
  ['etimedout', false, 'both'],
  ['econnreset', false, 'outgoing'],
  ['error', false, 'outgoing'],
  ['etimedout', true, 'outgoing'],
  ['econnreset', true, 'outgoing'],
] as const)('%s with connected=%s has the origin %s', (reason, connected, origin) => {
  expect(originOfError('outgoing', connected, reason)).toBe(origin);
});
