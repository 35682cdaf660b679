import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressList, Admission, isListed, plainAddress } from './admission.ts';
import type { Admitted } from './admission.ts';
import { createManualClock } from '../testing/manual-clock.ts';

const NONE = { maxConnections: 0, maxConnectionsPerIp: 0, connectionRatePerIp: 0, allow: [], deny: [] };

const newcomer = (): Admitted => ({ total: false, client: undefined });

test('whatever comes and goes: never over a limit, and the tables drain to empty', () => {
  const comings = fc.array(fc.record({ ip: fc.nat(3), leaves: fc.option(fc.nat(20)) }), { maxLength: 60 });
  fc.assert(
    fc.property(comings, (events) => {
      const clock = createManualClock();
      const admission = new Admission(
        { ...NONE, maxConnections: 8, maxConnectionsPerIp: 3, connectionRatePerIp: 10 },
        clock,
      );
      const inside: Admitted[] = [];
      for (const { ip, leaves } of events) {
        const admitted = newcomer();
        const refusal =
          admission.admitConnection(admitted) ?? admission.admitClient(admitted, `10.0.0.${ip}`);
        if (refusal === undefined) inside.push(admitted);
        else admission.release(admitted);
        expect(inside.length).toBeLessThanOrEqual(8);
        expect(inside.filter(({ client }) => client === `10.0.0.${ip}`).length).toBeLessThanOrEqual(3);
        if (leaves !== null && inside.length > 0) {
          admission.release(inside.splice(leaves % inside.length, 1)[0]!);
        }
      }
      for (const admitted of inside) admission.release(admitted);
      clock.advance(1000);
      expect(admission.tableSizes()).toEqual({ open: 0, recent: 0 });
      expect(clock.pending()).toBe(0);
      expect(admission.admitConnection(newcomer())).toBeUndefined();
    }),
  );
});

test('the rate is counted anew each second, for each address by itself', () => {
  const clock = createManualClock();
  const admission = new Admission({ ...NONE, connectionRatePerIp: 2 }, clock);
  const from = (address: string): string | undefined => admission.admitClient(newcomer(), address);
  expect([from('10.0.0.1'), from('10.0.0.1'), from('10.0.0.1'), from('10.0.0.2')]).toEqual([
    undefined,
    undefined,
    'rejected_limit',
    undefined,
  ]);
  clock.advance(1000);
  expect(from('10.0.0.1')).toBeUndefined();
  admission.stop();
  expect(clock.pending()).toBe(0);
});

test.each([
  ['10.1.2.3', undefined],
  ['::ffff:10.1.2.3', undefined],
  ['10.1.2.4', 'rejected_ip'],
  ['::ffff:10.1.2.4', 'rejected_ip'],
  ['192.168.0.1', 'rejected_ip'],
  ['fd00::1', undefined],
  ['', 'rejected_ip'],
])('allow and deny lists: %s is %s', (address, refusal) => {
  const limits = { ...NONE, allow: ['10.0.0.0/8', 'fd00::/8'], deny: ['10.1.2.4'] };
  expect(new Admission(limits, createManualClock()).admitClient(newcomer(), address)).toBe(refusal);
});

test('plain addresses, and lists that are none', () => {
  expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
  expect(isListed(addressList(['10.0.0.0/8']), 'no address')).toBe(false);
  for (const wrong of ['10.0.0.0/33', 'x', '::1/200', '10.0.0', '10.0.0.0/', '10.0.0.0/8x']) {
    expect(() => addressList([wrong])).toThrow();
  }
});

test.each([
  ['10.1.2.3', ['::ffff:10.1.2.3', '::FFFF:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:ffff:0a01:0203']],
  ['fd00::1', ['FD00::1', 'fd00:0:0:0:0:0:0:1', 'fd00::0:1', 'fd00:0000::0.0.0.1', 'fd00::1%eth0']],
])('%s is one client, however it is written', (address, writings) => {
  for (const written of writings) expect(plainAddress(written)).toBe(address);
  const admission = new Admission(
    { ...NONE, maxConnectionsPerIp: 2, connectionRatePerIp: 2 },
    createManualClock(),
  );
  const refusals = writings.map((written) => admission.admitClient(newcomer(), written));
  expect(refusals).toEqual([undefined, undefined, ...writings.slice(2).map(() => 'rejected_limit')]);
  admission.stop();
});

test('lists are those of the same addresses, however they are written', () => {
  const list = addressList(['::ffff:10.0.0.0/104', '::ffff:c0a8:1', 'FD00:0::/8']);
  const inside = ['10.9.9.9', '::ffff:10.9.9.9', '192.168.0.1', 'fd00::1'];
  for (const address of inside) expect(isListed(list, plainAddress(address))).toBe(true);
  for (const address of ['11.0.0.1', '192.168.0.2', 'fe00::1']) {
    expect(isListed(list, plainAddress(address))).toBe(false);
  }
});
