import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
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
