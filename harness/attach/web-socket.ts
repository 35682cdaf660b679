/**
 * The little of WebSocket (RFC 6455) that an inspector needs: text messages, as a client. Node.js 20 has no client of its own.
 */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { Duplex } from 'node:stream';

const TEXT = 1;
const CONTINUATION = 0;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** Time for the handshake, ms. */
const WITHIN = 5_000;

/** Open connection. */
export type WebSocketClient = {
  send(text: string): void;
  /** ends the connection, at once */
  end(): void;
};

/** Events of a connection. */
export type WebSocketEvents = { onMessage: (text: string) => void; onEnd: () => void };

/** Connects. Rejects with the error of the connection, or if the server answers with no WebSocket. */
export async function openWebSocket(url: URL, events: WebSocketEvents): Promise<WebSocketClient> {
  const { hostname, port, pathname } = url;
  const key = randomBytes(16).toString('base64');
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
  };
  const socket = await new Promise<Duplex>((resolve, reject) => {
    const request = http.get({
      host: hostname.replaceAll(/^\[|\]$/g, ''),
      port,
      path: pathname,
      headers,
      agent: false,
      timeout: WITHIN,
    });
    request.once('upgrade', (_, upgraded, head) => {
      if (head.length > 0) upgraded.unshift(head);
      resolve(upgraded);
    });
    request.once('timeout', () => request.destroy(new Error(`no answer within ${WITHIN} ms`)));
    request.once('response', ({ statusCode }) => {
      request.destroy();
      reject(new Error(`it answered with HTTP ${statusCode}, not with a WebSocket`));
    });
    request.once('error', reject);
  });
  const frames = new Frames();
  let text: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.once('close', events.onEnd);
  socket.on('data', (data: Buffer) => {
    for (const { opcode, isLast, payload } of frames.take(data)) {
      if (opcode === CLOSE) socket.end();
      else if (opcode === PING) socket.write(frame(PONG, payload));
      else if (opcode === TEXT || opcode === CONTINUATION) {
        text.push(payload);
        if (!isLast) continue;
        const message = Buffer.concat(text).toString();
        text = [];
        events.onMessage(message);
      }
    }
  });
  return {
    send: (message) => void socket.write(frame(TEXT, Buffer.from(message))),
    end: () => {
      socket.end(frame(CLOSE, Buffer.alloc(0)));
      socket.destroy();
    },
  };
}

type Frame = { opcode: number; isLast: boolean; payload: Buffer };

/** Cuts what arrives into frames. */
class Frames {
  #chunks: Buffer[] = [];
  #length = 0;
  /** bytes that the next frame needs before it is worth a look */
  #needed = 2;

  *take(data: Buffer): Generator<Frame> {
    this.#chunks.push(data);
    this.#length += data.length;
    while (this.#length >= this.#needed) {
      const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? data) : Buffer.concat(this.#chunks);
      this.#chunks = [all];
      const [first = 0, second = 0] = all;
      const short = second & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (all.length < head) {
        this.#needed = head;
        return;
      }
      const size =
        short === 127 ? Number(all.readBigUInt64BE(2)) : short === 126 ? all.readUInt16BE(2) : short;
      if (all.length < head + size) {
        this.#needed = head + size;
        return;
      }
      const rest = all.subarray(head + size);
      this.#chunks = [rest];
      this.#length = rest.length;
      this.#needed = 2;
      yield { opcode: first & 0x0f, isLast: first >= 0x80, payload: all.subarray(head, head + size) };
    }
  }
}

/** A frame from a client: masked. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length > 0xffff ? 10 : length > 125 ? 4 : 2);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length > 0xffff ? 127 : length > 125 ? 126 : length);
  if (length > 0xffff) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length > 125) head.writeUInt16BE(length, 2);
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let index = 0; index < length; index++) masked[index] = (masked[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return Buffer.concat([head, mask, masked]);
}
