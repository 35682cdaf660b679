import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToIp, ipToBytes } from './ip-bytes.ts';
import { readHeader } from './read-header.ts';
import { writeHeader } from './write-header.ts';

/** IPv6 addresses without the IPv4-mapped ones, which are written back as plain groups. */
const ipv6 = fc.ipV6().map((address) => bytesToIp(ipToBytes(address)));
const port = fc.nat(65_535);
const connectionOf = (address: fc.Arbitrary<string>) => {
  const endpoint = fc.record({ address, port });
  return fc.record({ source: endpoint, destination: endpoint });
};
const connection = fc.oneof(connectionOf(fc.ipV4()), connectionOf(ipv6));

describe.each(['v1', 'v2'] as const)('%s', (version) => {
  test('what is written is read, whatever follows; every beginning of it is incomplete', () => {
    fc.assert(
      fc.property(connection, fc.uint8Array({ maxLength: 30 }), (given, rest) => {
        const header = writeHeader(version, given);
        const read = readHeader(Buffer.concat([header, rest]));
        expect(read).toEqual({ state: 'complete', length: header.length, connection: given });
        for (let length = 0; length < header.length; length += 1) {
          expect(readHeader(header.subarray(0, length))).toEqual({ state: 'incomplete' });
        }
      }),
    );
  });

  test('an unknown connection', () => {
    const header = writeHeader(version, undefined);
    expect(readHeader(header)).toEqual({ state: 'complete', length: header.length });
  });

  test('endpoints of two families', () => {
    const header = writeHeader(version, {
      source: { address: '10.0.0.1', port: 1 },
      destination: { address: 'fd00::1', port: 2 },
    });
    expect(readHeader(header)).toMatchObject({ connection: { destination: { address: 'fd00::1' } } });
  });
});

test('garbage never throws; a header with a byte changed never throws', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readHeader(Buffer.from(bytes))));
  fc.assert(
    fc.property(
      connection,
      fc.constantFrom('v1', 'v2'),
      fc.nat(),
      fc.nat(255),
      (given, version, at, byte) => {
        const header = writeHeader(version, given);
        header[at % header.length] = byte;
        readHeader(header);
      },
    ),
  );
});

test.each([
  ['PROXY TCP4 10.0.0.1 10.0.0.2 4000 443\r\n', 'complete'],
  ['PROXY UNKNOWN ffff:f...f:ffff 1 2\r\n', 'complete'],
  ['PROXY TCP4 ::1 10.0.0.2 4000 443\r\n', 'invalid'],
  ['PROXY TCP4 10.0.0.1 10.0.0.2 4000 65536\r\n', 'invalid'],
  ['PROXY TCP4 10.0.0.1 10.0.0.2 04000 443\r\n', 'invalid'],
  ['PROXY TCP4 10.0.0.1 10.0.0.2 4000\r\n', 'invalid'],
  [`PROXY ${'x'.repeat(120)}`, 'invalid'],
  ['GET / HTTP/1.1\r\n', 'invalid'],
  ['\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0', 'invalid'],
  ['\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04abcd', 'invalid'],
  ['\r\n\r\n\0\r\nQUIT\n\x20\x00\0\x02ab', 'complete'],
])('%j is %s', (text, state) => {
  expect(readHeader(Buffer.from(text, 'latin1')).state).toBe(state);
});

test.each(['::', '::1', 'fd00::1:2', '1:2:3:4:5:6:7:8', '::ffff:10.0.0.1', '2001:db8::'])(
  'the bytes of %s',
  (address) => {
    expect(ipToBytes(address).length).toBe(16);
    expect(ipToBytes(bytesToIp(ipToBytes(address)))).toEqual(ipToBytes(address));
  },
);
