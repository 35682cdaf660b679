import { expect, test } from 'vitest';

import type { Fault } from '../scenario/scenario.ts';
import { fidelityOn, impossibleOn } from './fidelity.ts';
import { networkNeeded } from './network-needed.ts';

const established = { at: 'established', count: 'all' } as const;
const connect = { at: 'connect' } as const;

const silent: Fault = { kind: 'timeout', side: 'upstream', drop: 'input', simulate: false, when: connect };
const lost: Fault = { kind: 'timeout', side: 'client', drop: 'input', simulate: true, when: established };
const cable: Fault = { kind: 'cable', cut: 'router', when: established };

test('a fault is as real as its network allows', () => {
  expect(fidelityOn('single', silent)).toBe('kernel');
  expect(fidelityOn('none', silent)).toBe('wire');
  expect(fidelityOn('none', lost)).toBe('simulated');
  expect(fidelityOn('none', { ...lost, simulate: false })).toBeUndefined();
  // nobody can throw an error at a connect of the client's: it is not in the target
  expect(fidelityOn('none', { ...lost, when: connect })).toBeUndefined();
  expect(fidelityOn('hosts', cable)).toBeUndefined();
  expect(fidelityOn('routed', cable)).toBe('kernel');
});

test('a case needs what the most demanding of its faults needs', () => {
  expect(networkNeeded({ faults: [], addresses: [] })).toBeUndefined();
  expect(networkNeeded({ faults: [], addresses: ['ipv4'] })).toBe('single');
  expect(networkNeeded({ faults: [lost, cable], addresses: [] })).toBe('routed');
});

test('why a case cannot run with less', () => {
  expect(impossibleOn('none', { faults: [silent, lost], addresses: [] })).toBeUndefined();
  expect(impossibleOn('none', { faults: [lost, cable], addresses: [] })).toContain('`cable`');
  expect(impossibleOn('none', { faults: [lost], addresses: ['ipv4'] })).toContain('name');
  expect(impossibleOn('none', { lab: 'single', faults: [silent], addresses: [] })).toContain('asks');
});
