import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Address } from '../address.ts';
import { connectFirst } from '../http/connect-first.ts';
import { forwardRequest } from '../http/forward-request.ts';
import type { Upstreams } from '../http/forward-request.ts';
import { forwardUpgrade } from '../http/forward-upgrade.ts';
import { forwardedHeaders } from '../http/headers.ts';
import type { Limits, TerminateRoute } from '../settings.ts';
import { watchServerName } from './watch-server-name.ts';

/** A connection that is bridged to a terminator. */
export type Bridge = {
  client: string | undefined;
  /** the TLS handshake is done */
  onSecure(): void;
  /** a later handshake on the same connection asked for another name */
  onServerNameChanged(): void;
};

/**
 * The inner proxy of one `tls-terminate` route: decrypts, and forwards HTTP/1.1 requests and upgrades to the upstreams. It listens
 * on a loopback port that serves nobody but the bridges it was told of.
 */
export class Terminator {
  readonly #server: Server;
  readonly #upstreams: Upstreams;
  readonly #bridges = new Map<number, Bridge & { socket: TLSSocket | undefined }>();
  /** inner sockets by the port of their bridge, until their handshake is done */
  readonly #handshaking = new Map<number, Socket>();
  #address: Address | undefined;

  constructor(
    { certificate, key, upstreams }: TerminateRoute,
    { connectTimeout, handshakeTimeout }: Pick<Limits, 'connectTimeout' | 'handshakeTimeout'>,
  ) {
    this.#upstreams = { connect: (signal) => connectFirst(upstreams, { timeout: connectTimeout, signal }) };
    const server = createServer({
      cert: certificate,
      key,
      ALPNProtocols: ['http/1.1'],
      allowHalfOpen: true,
      noDelay: true,
      // for strangers; the proxy itself bounds the handshake of a bridge
      ...(handshakeTimeout > 0 && { handshakeTimeout }),
    });
    // the sweep of the proxy bounds idle connections, and its other clocks long requests
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    // a client that has sent its request and its FIN still gets the answer
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on('connection', (socket: Socket) => this.#onConnection(socket));
    server.on('secureConnection', (socket) => this.#onSecure(socket));
    server.on('request', (request, response) => {
      forwardRequest(request, response, this.#headers(request), this.#upstreams);
    });
    server.on('upgrade', (request, socket: Duplex, head) => {
      forwardUpgrade(request, socket, head, this.#headers(request), this.#upstreams);
    });
    this.#server = server;
  }

  /** Where the bridges connect to. */
  get address(): Address {
    if (this.#address === undefined) throw new Error('the terminator does not listen yet');
    return this.#address;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#address = { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  /** Tells of a bridge that has just connected from a local port, before its first byte. */
  open(port: number, bridge: Bridge): void {
    this.#bridges.set(port, { ...bridge, socket: undefined });
  }

  /**
   * The bridge has closed. Its inner socket may not see that: one that has read the end and has nothing to write is asleep, and one in its
   * handshake waits for the rest.
   */
  forget(port: number): void {
    this.#handshaking.get(port)?.destroy();
    this.#bridges.get(port)?.socket?.destroy();
    this.#bridges.delete(port);
  }

  /** Bridges at present, and those of them whose handshake is done. */
  counts(): { bridged: number; secure: number } {
    const bridges = [...this.#bridges.values()];
    return { bridged: bridges.length, secure: bridges.filter(({ socket }) => socket !== undefined).length };
  }

  /** Listens no more; its connections end with their bridges. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  #onConnection(socket: Socket): void {
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    this.#handshaking.set(remotePort, socket);
    socket.once('close', () => {
      if (this.#handshaking.get(remotePort) === socket) this.#handshaking.delete(remotePort);
    });
  }

  #onSecure(socket: TLSSocket): void {
    this.#handshaking.delete(socket.remotePort ?? 0);
    const bridge = this.#bridges.get(socket.remotePort ?? 0);
    // another program of this machine has found the port
    if (bridge === undefined) return void socket.destroy();
    bridge.socket = socket;
    bridge.onSecure();
    watchServerName(socket, () => bridge.onServerNameChanged());
  }

  #headers(request: Parameters<typeof forwardedHeaders>[0]) {
    return forwardedHeaders(request, this.#bridges.get(request.socket.remotePort ?? 0)?.client);
  }
}
