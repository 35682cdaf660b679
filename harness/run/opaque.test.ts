import { expect, test } from 'vitest';

import type { ConnectionSeen } from '../journal/entry.ts';
import { cannotBeTold, opaqueness } from './opaque.ts';

const wrong = { at: 1, expected: '00', got: '45' };
const failure = { step: 'expect', index: 2, message: 'not within 2000 ms' };
const client = (parts: Partial<ConnectionSeen> = {}): ConnectionSeen => ({
  actor: 'client',
  round: 0,
  connection: 0,
  seen: 'end',
  did: 'closed',
  sent: 64,
  received: 64,
  ...parts,
});
const upstream = (parts: Partial<ConnectionSeen> = {}): ConnectionSeen =>
  client({ actor: 'upstream', ...parts });
const silent = { contract: false };

test('a pipe that passes all on, or spoils only some connections, is judged by its bytes', () => {
  expect(opaqueness([client(), upstream()], silent)).toBeUndefined();
  expect(opaqueness([client(), client(), upstream(), upstream({ wrong })], silent)).toBeUndefined();
  expect(opaqueness([client({ received: 0, failure })], silent)).toBeUndefined();
});

test('a program that greets, rewrites or answers by itself is found out, and its file can say otherwise', () => {
  expect(opaqueness([client(), upstream({ wrong })], silent)?.reason).toContain('upstreams received other');
  expect(opaqueness([client({ wrong }), upstream()], silent)?.reason).toContain('clients received other');
  expect(opaqueness([client({ wrong })], silent)?.reason).toContain('connected to no upstream');
  expect(opaqueness([client({ wrong })], { ...silent, transparent: true })).toBeUndefined();
  expect(opaqueness([client({ wrong })], { contract: true })).toBeUndefined();
  expect(opaqueness([client()], { ...silent, transparent: false })?.reason).toContain('`transparent: false`');
});

test('cases for any pipe are not told to a program through which nothing passes', () => {
  const greets = opaqueness([client(), upstream({ wrong })], silent);
  expect(cannotBeTold('universal', greets)).toBeUndefined();
  const speaks = opaqueness([client({ received: 0, failure }), upstream({ wrong })], silent);
  expect(cannotBeTold('universal', speaks)).toContain('no bytes pass between its peers');
  expect(cannotBeTold('universal', speaks, 'websocket')).toContain('`websocket-frames`');
  expect(cannotBeTold('own', speaks)).toBeUndefined();
});
