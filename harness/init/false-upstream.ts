import net from 'node:net';

import { acceptOf } from '../../shared/websocket/accept-of.ts';

/** A connection to a false upstream, with the text that it has brought. */
type Arrival = { group: string; text: string };

/** Upstreams that a program under trial is told, each by another name: the one that it connects to shows which name it reads. */
export class FalseUpstreams {
  readonly #servers: net.Server[] = [];
  readonly #sockets = new Set<net.Socket>();
  readonly #waiting = new Set<() => void>();
  readonly arrivals: Arrival[] = [];

  /** Opens an upstream for the names of one group, and resolves with its port. */
  async open(group: string): Promise<number> {
    const server = net.createServer((socket) => {
      const arrival: Arrival = { group, text: '' };
      this.arrivals.push(arrival);
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('data', (data) => {
        arrival.text += data.toString('latin1');
        if (arrival.text.includes('\r\n\r\n')) answer(socket, arrival.text);
        for (const look of this.#waiting) look();
      });
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return (server.address() as net.AddressInfo).port;
  }

  /** The group whose upstream got this text, or undefined after `ms`. */
  async saw(text: string, ms: number, signal: AbortSignal): Promise<string | undefined> {
    const found = (): string | undefined =>
      this.arrivals.find((arrival) => arrival.text.includes(text))?.group;
    if (found() !== undefined || signal.aborted) return found();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      const look = (): void => {
        if (found() !== undefined) done();
      };
      const waiting = this.#waiting;
      function done(): void {
        clearTimeout(timer);
        waiting.delete(look);
        signal.removeEventListener('abort', done);
        resolve();
      }
      waiting.add(look);
      signal.addEventListener('abort', done);
    });
    return found();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }
}

function answer(socket: net.Socket, request: string): void {
  const [, key] = /^sec-websocket-key: *(\S+)/im.exec(request) ?? [];
  if (key !== undefined && /^upgrade: *websocket/im.test(request)) {
    const accept = acceptOf(key);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
  } else if (/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(request)) {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nlastfin');
  }
}
