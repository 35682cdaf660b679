/**
 * The little of WebSocket (RFC 6455) that an inspector needs: text messages, as a client. Node.js 20 has no client of its own.
 */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { Duplex } from 'node:stream';

import { formatFrame, newMask, OPCODES } from '../../shared/websocket/frame-format.ts';
import { FrameInvalid, FrameReader } from '../../shared/websocket/frame-reader.ts';

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
  return converse(await upgrade(url), events);
}

function upgrade(url: URL): Promise<Duplex> {
  const { hostname, port, pathname } = url;
  const key = randomBytes(16).toString('base64');
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
  };
  return new Promise<Duplex>((resolve, reject) => {
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
}

/** Exchanges messages over an upgraded connection. */
function converse(socket: Duplex, events: WebSocketEvents): WebSocketClient {
  const frame = (opcode: number, payload: Buffer): Buffer =>
    formatFrame(opcode, payload, { mask: newMask() });
  const reader = new FrameReader(
    false,
    {
      data: () => undefined,
      message: ({ text }) => events.onMessage(text),
      control: (type, payload) => {
        if (type === 'close') socket.end();
        else if (type === 'ping') socket.write(frame(OPCODES.pong, payload));
      },
    },
    // a source map is sent as one text
    Infinity,
  );
  socket.on('error', () => undefined);
  socket.once('close', events.onEnd);
  socket.on('data', (data: Buffer) => {
    try {
      reader.push(data);
    } catch (error) {
      if (!(error instanceof FrameInvalid)) throw error;
      socket.destroy(error);
    }
  });
  return {
    send: (message) => void socket.write(frame(OPCODES.text, Buffer.from(message))),
    end: () => {
      socket.end(frame(OPCODES.close, Buffer.alloc(0)));
      socket.destroy();
    },
  };
}
