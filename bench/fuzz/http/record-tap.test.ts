import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

import { expect, test } from 'vitest';

import { RecordTap } from './record-tap.ts';

const record = (type: number, length: number): Buffer => {
  const bytes = Buffer.alloc(5 + length, 0xff);
  bytes.writeUIntBE(type, 0, 1);
  bytes.writeUInt16BE(0x03_03, 1);
  bytes.writeUInt16BE(length, 3);
  return bytes;
};
const DATA = record(23, 300);
const ALERT = record(21, 26);

test.each([
  ['an alert at the end', [DATA, ALERT], true],
  ['no alert', [DATA, DATA], false],
  ['an alert that is not the last record', [ALERT, DATA], false],
])('%s, however the bytes are cut', async (_, records, expected) => {
  const bytes = Buffer.concat(records);
  for (const size of [1, 4, 7, bytes.length]) {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      for (let at = 0; at < bytes.length; at += size) socket.write(bytes.subarray(at, at + size));
      socket.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const tap = new RecordTap(client);
    await once(client, 'close');
    expect(tap.isNotified).toBe(expected);
    server.close();
  }
});
