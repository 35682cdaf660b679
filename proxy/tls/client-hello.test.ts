import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { recordClientHello } from '../testing/client-hello.ts';
import { readClientHello } from './client-hello.ts';

let hello: Buffer;

beforeAll(async () => {
  hello = await recordClientHello('Some-Host.example.org');
});

/** Cuts a handshake message into records of the given sizes; the last one takes the rest. */
function intoRecords(sizes: number[]): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, message.length]) {
    const fragment = message.subarray(at, at + size);
    if (fragment.length === 0) break;
    const head = Buffer.from([22, 3, 1, 0, 0]);
    head.writeUInt16BE(fragment.length, 3);
    records.push(head, fragment);
    at += size;
  }
  return Buffer.concat(records);
}

test('every beginning of a real ClientHello is incomplete, the whole has the name in lower case', () => {
  for (let length = 0; length < hello.length; length += 1) {
    expect(readClientHello(hello.subarray(0, length))).toEqual({ state: 'incomplete' });
  }
  expect(readClientHello(hello)).toEqual({
    state: 'complete',
    length: hello.length,
    serverName: 'some-host.example.org',
  });
  expect(readClientHello(Buffer.concat([hello, Buffer.from('early data')]))).toMatchObject({
    serverName: 'some-host.example.org',
  });
});

test('cut over TLS records: each beginning incomplete, the whole read', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 8 }), fc.nat(), (sizes, cut) => {
      const bytes = intoRecords(sizes);
      expect(readClientHello(bytes)).toMatchObject({
        state: 'complete',
        serverName: 'some-host.example.org',
      });
      expect(readClientHello(bytes.subarray(0, cut % bytes.length)).state).toBe('incomplete');
    }),
  );
});

test('real clients: without SNI, and of TLS 1.2', async () => {
  expect(readClientHello(await recordClientHello())).toEqual({
    state: 'complete',
    length: expect.any(Number),
  });
  const old = await recordClientHello('a.example', { maxVersion: 'TLSv1.2' });
  expect(readClientHello(old)).toMatchObject({ state: 'complete', serverName: 'a.example' });
});

test('garbage never throws, and never has a name that is no name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const read = readClientHello(Buffer.from(bytes));
      if (read.state === 'complete') expect(read.serverName ?? 'x').toMatch(/^[a-z\d_.-]+$/);
    }),
  );
});

test('a real ClientHello with a byte changed never throws', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = Buffer.from(hello);
      changed[at % changed.length] = byte;
      const read = readClientHello(changed);
      if (read.state === 'complete') expect(read.serverName ?? 'x').toMatch(/^[a-z\d_.-]+$/);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['an alert', Buffer.from([21, 3, 1, 0, 2, 1, 0])],
  ['SSL 2', Buffer.from([0x80, 0x2e, 1, 3, 1])],
  ['a ServerHello', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  ['a record over 16 KiB', Buffer.from([22, 3, 1, 0x40, 1])],
])('%s is refused at once', (_, bytes) => {
  expect(readClientHello(bytes).state).toBe('invalid');
});

test('a name with a NUL in it is no name', () => {
  const at = hello.indexOf('Some-Host');
  const changed = Buffer.from(hello);
  changed[at + 4] = 0;
  expect(readClientHello(changed)).toEqual({ state: 'invalid', why: 'the server name is not a DNS name' });
});
