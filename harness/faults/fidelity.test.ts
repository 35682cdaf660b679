import { expect, test } from 'vitest';

import type { Fault } from '../scenario/fault.ts';
import type { Lacks } from '../lab/machine.ts';
import { everyNeed, needsOf } from './case-needs.ts';
import { fidelityOn, gapOn, type Ground } from './fidelity.ts';
import { networkNeeded } from './network-needed.ts';
import { wayHere } from './ways.ts';

const established = { at: 'established', count: 'all' } as const;
const connect = { at: 'connect' } as const;

const silent: Fault = { kind: 'timeout', side: 'upstream', drop: 'input', simulate: false, when: connect };
const lost: Fault = { kind: 'timeout', side: 'client', drop: 'input', simulate: true, when: established };
const reset: Extract<Fault, { kind: 'firewall-reset' }> = {
  kind: 'firewall-reset',
  side: 'client',
  simulate: true,
  when: established,
};
const unreachable: Extract<Fault, { kind: 'unreachable' }> = {
  kind: 'unreachable',
  side: 'upstream',
  as: 'host',
  simulate: false,
  when: connect,
};
const cable: Fault = { kind: 'cable', cut: 'router', when: established };

const none = { network: 'none', lacks: {} } as const;
const single = { network: 'single', lacks: {} } as const;
const nft = { what: 'nft', fix: 'install the package nftables' };
const tc = { what: 'tc', fix: 'install the package iproute2' };
/** A machine without nft, and one without tc besides. */
const NO_NFT = { 'nft-drop': nft, 'nft-reject': nft, 'nft-random': nft, 'nft-limit': nft };
const NEITHER = { ...NO_NFT, 'tc-drop': tc };

test('a fault is as real as its network allows', () => {
  expect(fidelityOn(single, silent, 'ipv4')).toBe('kernel');
  expect(fidelityOn(none, silent, 'ipv4')).toBe('wire');
  expect(fidelityOn(none, lost, 'ipv4')).toBe('simulated');
  expect(fidelityOn(none, { ...lost, simulate: false }, 'ipv4')).toBeUndefined();
  // nobody can throw an error at a connect of the client's: it is not in the target
  expect(fidelityOn(none, { ...lost, when: connect }, 'ipv4')).toBeUndefined();
  expect(fidelityOn({ ...none, network: 'hosts' }, cable, 'ipv4')).toBeUndefined();
  expect(fidelityOn({ ...none, network: 'routed' }, cable, 'ipv4')).toBe('kernel');
});

test('a fault is as real as the machine allows', () => {
  expect(fidelityOn({ ...single, lacks: NO_NFT }, silent, 'ipv4')).toBe('kernel');
  expect(fidelityOn({ ...single, lacks: NEITHER }, silent, 'ipv4')).toBe('wire');
  expect(fidelityOn({ ...single, lacks: NEITHER }, lost, 'ipv4')).toBe('simulated');
  expect(fidelityOn({ ...single, lacks: NO_NFT }, reset, 'ipv4')).toBe('simulated');
  expect(fidelityOn({ ...single, lacks: NO_NFT }, { ...reset, simulate: false }, 'ipv4')).toBeUndefined();
});

test('an upstream that cannot be reached is made by routes where nft is not there', () => {
  const by = (fault: typeof unreachable, family: 'ipv4' | 'ipv6', lacks: Lacks): string | undefined =>
    wayHere(fault, family, lacks)?.by;
  expect(by(unreachable, 'ipv4', {})).toBe('nft');
  expect(by(unreachable, 'ipv4', NO_NFT)).toBe('routes');
  expect(by(unreachable, 'ipv6', {})).toBe('routes');
  // over IPv4 a route says nothing to what is established
  expect(by({ ...unreachable, when: established }, 'ipv4', NO_NFT)).toBeUndefined();
});

test('a case needs what the most demanding of its faults needs', () => {
  expect(networkNeeded({ faults: [], addresses: [] })).toBeUndefined();
  expect(networkNeeded({ faults: [], addresses: ['ipv4'] })).toBe('single');
  expect(networkNeeded({ faults: [lost, cable], addresses: [] })).toBe('routed');
});

test('why a case cannot run with less', () => {
  const plan = { family: 'ipv4', addresses: [], faults: [] } as const;
  const on = (ground: Ground, more: Partial<Parameters<typeof gapOn>[1]>): ReturnType<typeof gapOn> =>
    gapOn(ground, { ...plan, addresses: [], faults: [], ...more });
  expect(on(none, { faults: [silent, lost] })).toBeUndefined();
  expect(on(none, { faults: [lost, cable] })?.reason).toContain('`cable`');
  expect(on(none, { faults: [lost], addresses: ['ipv4'] })?.reason).toContain('name');
  expect(on(none, { lab: 'single', faults: [silent] })?.reason).toContain('asks');
  const rate: Fault = { kind: 'rate', bytes: 1, side: 'client', when: connect };
  expect(on({ ...single, lacks: NO_NFT }, { faults: [rate] })?.want).toEqual(nft);
});

test('what a case needs of the machine besides its faults', () => {
  const plan: Parameters<typeof needsOf>[0] = { family: 'ipv6', addresses: [], faults: [lost] };
  expect(needsOf(plan, 'none')).toEqual(['machine-ipv6']);
  expect(needsOf(plan, 'single')).toEqual(['ipv6', 'tcp-sysctls']);
  expect(everyNeed(plan)).toEqual(expect.arrayContaining(['nft-drop', 'tc-drop', 'cables', 'machine-ipv6']));
});
