import { once } from 'node:events';
import { connect, constants, createServer } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { cancelStream } from './cancel-stream.ts';
import { watchEndOfStream } from './end-of-stream.ts';

/** Answers by what `end` does, and says whether the client saw the answer end, and its code. */
async function answeredBy(
  end: (stream: ServerHttp2Stream) => void,
): Promise<{ hasEnded: boolean; code: number; isOver: boolean }> {
  let isOver = false;
  const server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => {}).once('close', () => (isOver = true));
    stream.respond({ ':status': 200 });
    end(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = client.request();
  const hasEnded = watchEndOfStream(stream);
  stream.on('error', () => {}).resume();
  await new Promise((resolve) => void stream.once('close', resolve));
  const seen = { hasEnded: hasEnded(), code: stream.rstCode ?? 0 };
  client.close();
  await new Promise((resolve) => void server.close(resolve));
  return { ...seen, isOver };
}

test.each([0, 2, 8])('a stream that is reset with %i in the tick of a write looks cut', async (code) => {
  const seen = await answeredBy((stream) => {
    stream.write('part');
    cancelStream(stream, code);
  });
  expect(seen).toEqual({ hasEnded: false, code, isOver: true });
});

test('a stream that ends by itself, with a body or without, looks whole', async () => {
  expect(await answeredBy((stream) => stream.end('whole'))).toMatchObject({ hasEnded: true, code: 0 });
  expect(await answeredBy((stream) => stream.end())).toMatchObject({ hasEnded: true, code: 0 });
});

/** Server in a thread of its own, which answers once it is told to and announces that the kernel has taken it all: its answer, and RST_STREAM without an error. */
const ANSWERING = `
  const net = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const [DATA, HEADERS, RST_STREAM, SETTINGS] = [0, 1, 3, 4];
  const [END_STREAM, END_HEADERS] = [1, 4];
  function frame(type, flags, payload, stream = 1) {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.set([type, flags], 3);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  }
  const status200 = Buffer.from([0x88]);
  const answer = Buffer.concat([
    frame(HEADERS, END_HEADERS, status200),
    frame(DATA, END_STREAM, Buffer.from('whole')),
    frame(RST_STREAM, 0, Buffer.alloc(4)),
  ]);
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).resume().write(frame(SETTINGS, 0, Buffer.alloc(0), 0));
    parentPort.once('message', () => socket.write(answer, () => {
      Atomics.store(workerData, 0, 1);
      Atomics.notify(workerData, 0);
    }));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

test('a stream that is cancelled as its peer resets it behind a whole answer is not kept', async () => {
  const isAnswered = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(ANSWERING, { eval: true, workerData: isAnswered });
  const [port] = (await once(worker, 'message')) as [number];
  const client = connect(`http://127.0.0.1:${port}`);
  await once(client, 'remoteSettings');
  const stream = client.request({ ':method': 'POST' }, { endStream: false });
  stream.on('error', () => {});
  await new Promise((resolve) => void stream.write('body', resolve));
  // timers come before reads, and those before what a stream has to send
  setTimeout(() => {
    worker.postMessage('answer');
    Atomics.wait(isAnswered, 0, 0);
    cancelStream(stream, constants.NGHTTP2_CANCEL);
  });
  await once(stream, 'close');
  client.close();
  await once(client, 'close');
  await worker.terminate();
});
