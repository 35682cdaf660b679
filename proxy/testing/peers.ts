import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Real client or upstream socket with its ending; errors are recorded, not thrown. */
export type Peer = {
  socket: Socket;
  /** resolves at the FIN with all bytes read before it */
  ended: Promise<Buffer>;
  /** resolves at the close with the error code, or undefined after a clean close */
  closed: Promise<string | undefined>;
};

export type TestUpstream = {
  port: number;
  /** next connection that no test has taken yet */
  next(): Promise<Peer>;
  /** stops listening and ends the open connections */
  stop(): Promise<void>;
};

const DEADLINE = 5000;

/** Rejects, naming `what`, if the promise takes longer than 5 s. */
export async function within<T>(what: string, promise: Promise<T>, deadline = DEADLINE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadline} ms: ${what}`)), deadline);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a condition holds. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const look = async (): Promise<void> => {
    if (isTrue()) return;
    await new Promise((resolve) => void setTimeout(resolve, 5));
    await look();
  };
  await within(what, look());
}

/** Wraps a socket that reads everything; `paused` peers read nothing until `socket.resume()`. */
function toPeer(socket: Socket, paused: boolean): Peer {
  const chunks: Buffer[] = [];
  let code: string | undefined;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (paused) socket.pause();
  const closed = new Promise<string | undefined>((resolve) => {
    socket.on('close', () => resolve(code));
  });
  const ended = new Promise<Buffer>((resolve) => {
    socket.on('end', () => resolve(Buffer.concat(chunks)));
  });
  return { socket, ended, closed };
}

/** Starts an upstream. `answer`: it answers each FIN with a FIN; otherwise the test decides. */
export async function startUpstream({ paused = false, answer = false } = {}): Promise<TestUpstream> {
  const waiting: Peer[] = [];
  const all = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    all.add(socket);
    waiting.push(toPeer(socket, paused));
    if (answer) socket.on('end', () => socket.end());
    server.emit('peer');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async next() {
      while (waiting.length === 0) await within('an upstream connection', once(server, 'peer'));
      return waiting.shift()!;
    },
    async stop() {
      for (const socket of all) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export async function openClient(port: number, { paused = false, host = '127.0.0.1' } = {}): Promise<Peer> {
  const socket = connect({ port, host, allowHalfOpen: true });
  const peer = toPeer(socket, paused);
  await within('a client connect', once(socket, 'connect'));
  return peer;
}

/** Waits until a peer has read at least this many bytes. */
export async function received(peer: Peer, bytes: number): Promise<void> {
  while (peer.socket.bytesRead < bytes) {
    await within(`${bytes} bytes`, once(peer.socket, 'data'));
  }
}
