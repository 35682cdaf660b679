import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Address } from '../../shared/address.ts';
import type { Clock, Timer } from '../clock/clock.ts';
import { Deadlines } from '../clock/deadlines.ts';
import type { Deadline } from '../clock/deadlines.ts';
import { ClientSession } from '../http/h1/client-session.ts';
import { StreamSession } from '../http/h2/stream-session.ts';
import type { SessionLimits } from '../http/h2/stream-session.ts';
import type { Named } from '../http/check-request.ts';
import type { Services } from '../http/h1/exchange.ts';
import { faultOf, MessageError } from '../http/http-fault.ts';
import type { HttpFigures } from '../http/http-figures.ts';
import { lookPeriod } from '../http/message-clock.ts';
import { routeUpstreams } from '../http/upstream/route-upstreams.ts';
import type { UpstreamSessionLimits } from '../http/upstream/h2/upstream-sessions.ts';
import type { RouteUpstreams } from '../http/upstream/route-upstreams.ts';
import type { MessageLimits } from '../http/message-clock.ts';
import type { Limits } from '../limits/limits.ts';
import type { TerminateRoute } from '../settings.ts';
import type { Bridge } from './bridge.ts';
import { serverNameOf, watchServerName } from './watch-server-name.ts';

/** Inner socket during its handshake; `unknown` until its bridge is registered. */
type Handshaking = { socket: Socket; unknown: Deadline<Socket> | undefined };

type OpenBridge = Bridge & {
  socket: TLSSocket | undefined;
  /** connection of HTTP/1.1 or HTTP/2, once the handshake is done */
  session: ClientSession | StreamSession | undefined;
};

/** Services of the proxy that a terminator uses. */
export type TerminatorServices = { clock: Clock; figures: HttpFigures };

/** Time (ms) that a new connection may stay open before its bridge is registered; others are strangers. */
const STRANGER = 1000;
const LOOPBACK = '127.0.0.1';

/**
 * Inner proxy of one `tls-terminate` route: decrypts, and forwards HTTP/1.1 requests and upgrades to the upstreams. It listens
 * on a loopback port and serves only the registered bridges.
 */
export class Terminator {
  readonly #server: Server;
  readonly #services: Services;
  readonly #upstreams: RouteUpstreams;
  readonly #limits: MessageLimits & SessionLimits;
  readonly #figures: HttpFigures;
  readonly #extendedConnect: boolean;
  readonly #clock: Clock;
  readonly #bridges = new Map<number, OpenBridge>();
  readonly #sessions = new WeakMap<Duplex, ClientSession>();
  /** inner sockets by the port of their bridge, until their handshake is done */
  readonly #handshaking = new Map<number, Handshaking>();
  /** inner sockets whose bridge is not registered yet */
  readonly #unknown: Deadlines<Socket>;
  #looking: Timer | undefined;
  #address: Address | undefined;

  constructor(
    route: TerminateRoute,
    limits: Pick<Limits, 'handshakeTimeout'> & SessionLimits & UpstreamSessionLimits,
    { clock, figures }: TerminatorServices,
  ) {
    const { name, certificate, key, clientCa, extendedConnect = true } = route;
    this.#extendedConnect = extendedConnect;
    const { handshakeTimeout } = limits;
    this.#limits = limits;
    this.#clock = clock;
    this.#figures = figures;
    this.#unknown = new Deadlines(clock, STRANGER, (socket) => this.#onStranger(socket));
    const onFault = (error: MessageError): void => figures.onFault(name, error);
    this.#upstreams = routeUpstreams(route, { limits, clock, figures, onFault });
    this.#services = {
      call: this.#upstreams.call,
      onFault,
      maxBody: limits.maxBody,
    };
    const server = createServer({
      cert: certificate,
      key,
      ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
      ALPNProtocols: limits.maxStreams > 0 ? ['h2', 'http/1.1'] : ['http/1.1'],
      allowHalfOpen: true,
      noDelay: true,
      // the check of the request covers the Host header
      requireHostHeader: false,
      // bounds strangers only; the proxy itself bounds the handshake of a bridge
      ...(handshakeTimeout > 0 && { handshakeTimeout }),
    });
    // the proxy's sweep bounds idle connections, and its other timers long requests
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    // a session checks the times of its messages itself
    server.headersTimeout = 0;
    // no header may be dropped: one of them could be the length of the body; Node bounds their bytes
    server.maxHeadersCount = 0;
    // a client that has sent its request and its FIN still gets the answer
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on('connection', (socket: Socket) => this.#onConnection(socket));
    // its own listener reads HTTP/1.1, whatever was agreed on
    const [readHttp1] = server.listeners('secureConnection');
    server.removeAllListeners('secureConnection');
    server.on('secureConnection', (socket) => {
      if (socket.alpnProtocol !== 'h2') readHttp1?.call(server, socket);
      this.#onSecure(socket);
    });
    this.#listenTo(server, onFault);
    this.#server = server;
  }

  /** Address that the bridges connect to. */
  get address(): Address {
    if (this.#address === undefined) throw new Error('the terminator does not listen yet');
    return this.#address;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, LOOPBACK);
    await once(this.#server, 'listening');
    this.#address = { host: LOOPBACK, port: (this.#server.address() as AddressInfo).port };
  }

  /** Registers a bridge that has just connected from a local port, before its first byte. */
  open(port: number, bridge: Bridge): void {
    this.#bridges.set(port, { ...bridge, socket: undefined, session: undefined });
    this.#unknown.delete(this.#handshaking.get(port)?.unknown);
  }

  /**
   * Removes a closed bridge. Its inner socket may not notice: it is asleep once it has read the end and has nothing to write, and
   * during its handshake it waits for the rest.
   */
  forget(port: number): void {
    this.#handshaking.get(port)?.socket.destroy();
    const bridge = this.#bridges.get(port);
    if (bridge?.session instanceof StreamSession) bridge.session.destroy();
    else bridge?.socket?.destroy();
    this.#bridges.delete(port);
    if (this.#bridges.size > 0) return;
    this.#looking?.cancel();
    this.#looking = undefined;
  }

  /** Whether the handshake of a bridge is under way. */
  isHandshaking(port: number): boolean {
    return this.#handshaking.has(port);
  }

  /** Ends an HTTP/2 connection after its last stream (GOAWAY); false for any other one. */
  drain(port: number): boolean {
    const session = this.#bridges.get(port)?.session;
    return session instanceof StreamSession && session.drain();
  }

  /** Number of open bridges, and of those whose handshake is done. */
  counts(): { bridged: number; secure: number } {
    const bridges = [...this.#bridges.values()];
    return { bridged: bridges.length, secure: bridges.filter(({ socket }) => socket !== undefined).length };
  }

  /** Stops listening and closes idle upstreams; its connections end with their bridges. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
    this.#upstreams.close();
  }

  /** Handles the server's requests; an exception before a message's turn ends its connection and nothing else. */
  #listenTo(server: Server, onFault: (error: MessageError) => void): void {
    const tell = (socket: Duplex, step: (session: ClientSession) => void): void => {
      const session = this.#sessions.get(socket);
      // not a bridge: a failed handshake, or a stranger
      if (session === undefined) return void socket.destroy();
      try {
        step(session);
      } catch (error) {
        onFault(faultOf(error));
        socket.destroy();
      }
    };
    // an unknown expectation is refused together with its request
    for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) {
      const awaitsContinue = event === 'checkContinue';
      server.on(event, (request, response) =>
        tell(request.socket, (session) => session.onRequest(request, response, awaitsContinue)),
      );
    }
    server.on('upgrade', (request, _, head) =>
      tell(request.socket, (session) => session.onUpgrade(request, head)),
    );
    server.on('connect', ({ socket }) =>
      tell(socket, (session) => session.refuse(new MessageError('bad_request', 'CONNECT', 405))),
    );
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
      tell(socket, (session) => session.onParserError(error)),
    );
  }

  #onConnection(socket: Socket): void {
    const { remotePort, remoteAddress } = socket;
    // a bridge connects from this very address; another address could use the same port
    if (remotePort === undefined || remoteAddress !== LOOPBACK) return void socket.destroy();
    const isKnown = this.#bridges.has(remotePort);
    const unknown = isKnown ? undefined : this.#unknown.add(socket, this.#clock.now());
    this.#handshaking.set(remotePort, { socket, unknown });
    socket.once('close', () => {
      this.#unknown.delete(unknown);
      if (this.#handshaking.get(remotePort)?.socket === socket) this.#handshaking.delete(remotePort);
    });
  }

  /** Handles a connection from an unknown port: its bridge may be registered before the next turn of the loop ends. */
  #onStranger(socket: Socket): void {
    setImmediate(() => {
      if (!this.#bridges.has(socket.remotePort ?? 0)) socket.destroy();
    });
  }

  #onSecure(socket: TLSSocket): void {
    const port = socket.remotePort ?? 0;
    this.#handshaking.delete(port);
    const bridge = this.#bridges.get(port);
    // another program of this machine has found the port
    if (bridge === undefined || socket.remoteAddress !== LOOPBACK) return void socket.destroy();
    bridge.socket = socket;
    const named = { serverName: serverNameOf(socket), isServed: (host: string) => bridge.isServed(host) };
    if (socket.alpnProtocol === 'h2') bridge.session = this.#openStreams(socket, bridge, named);
    else {
      const { client } = bridge;
      bridge.session = new ClientSession(socket, {
        named,
        client,
        services: this.#services,
        limits: this.#limits,
      });
      this.#sessions.set(socket, bridge.session);
    }
    bridge.onSecure();
    watchServerName(socket, () => bridge.onServerNameChanged());
    this.#lookLater();
  }

  #openStreams(socket: TLSSocket, bridge: Bridge, named: Named): StreamSession {
    const { client } = bridge;
    return new StreamSession(socket, {
      named,
      client,
      limits: this.#limits,
      clock: this.#clock,
      figures: this.#figures.streams,
      extendedConnect: this.#extendedConnect,
      call: this.#services.call,
      onFault: (error) => this.#services.onFault(error),
      onEnding: (reason) => bridge.onTooSlow(reason),
    });
  }

  /** Schedules the check of all messages' times, while there are bridges. */
  #lookLater(): void {
    const { headerTimeout, bodyTimeout, answerTimeout, idleSessionTimeout, inactivityTimeout } = this.#limits;
    const ofMessages = [headerTimeout, bodyTimeout, answerTimeout];
    const period = lookPeriod(...ofMessages, idleSessionTimeout, inactivityTimeout);
    if (period === undefined || this.#bridges.size === 0) return;
    this.#looking ??= this.#clock.setTimeout(() => {
      this.#looking = undefined;
      this.#lookLater();
      const now = this.#clock.now();
      for (const bridge of this.#bridges.values()) this.#look(bridge, now);
    }, period);
  }

  /** Checks the times of one connection; an exception ends it, and no other. */
  #look(bridge: OpenBridge, now: number): void {
    try {
      const fault = bridge.session?.look(now);
      if (fault !== undefined)
        bridge.onTooSlow(fault === 'header_timeout' ? 'initial_timeout' : 'inactivity');
    } catch (error) {
      this.#services.onFault(faultOf(error));
      bridge.onTooSlow('error');
    }
  }
}
