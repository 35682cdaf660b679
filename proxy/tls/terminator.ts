import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import type { Clock, Timer } from '../clock/clock.ts';
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
import type { Bridge, Bridged } from './bridge.ts';
import { ClientTls } from './client-tls.ts';
import type { TlsSettings } from './client-tls.ts';
import { isWriting } from '../../shared/http2/is-writing.ts';
import { serverNameOf, watchServerName } from './watch-server-name.ts';

type OpenBridge = Bridge & {
  readonly socket: ClientTls;
  /** connection of HTTP/1.1 or HTTP/2, once the handshake is done */
  session: ClientSession | StreamSession | undefined;
};

/** Services of the proxy that a terminator uses. */
export type TerminatorServices = { clock: Clock; figures: HttpFigures };

/**
 * Inner proxy of one `tls-terminate` route: decrypts on the client's own socket, and forwards HTTP/1.1 requests, upgrades and the streams
 * of HTTP/2 to the upstreams.
 */
export class Terminator {
  readonly #http: Server;
  readonly #tls: TlsSettings;
  readonly #services: Services;
  readonly #upstreams: RouteUpstreams;
  readonly #limits: MessageLimits & SessionLimits;
  readonly #figures: HttpFigures;
  readonly #extendedConnect: boolean;
  readonly #clock: Clock;
  readonly #bridges = new Set<OpenBridge>();
  readonly #sessions = new WeakMap<Duplex, ClientSession>();
  #looking: Timer | undefined;

  constructor(
    route: TerminateRoute,
    limits: SessionLimits & UpstreamSessionLimits & MessageLimits & Pick<Limits, 'maxBody'>,
    { clock, figures }: TerminatorServices,
  ) {
    const { name, certificate: cert, key, clientCa, extendedConnect = true } = route;
    this.#extendedConnect = extendedConnect;
    this.#limits = limits;
    this.#clock = clock;
    this.#figures = figures;
    const onFault = (error: MessageError): void => figures.onFault(name, error);
    this.#upstreams = routeUpstreams(route, { limits, clock, figures, onFault });
    this.#services = {
      call: this.#upstreams.call,
      onFault,
      maxBody: limits.maxBody,
    };
    this.#tls = {
      secureContext: createSecureContext({
        cert,
        key,
        ...(clientCa !== undefined && { ca: clientCa }),
        honorCipherOrder: true,
        // sessions of clients with certificates cannot be resumed without one
        sessionIdContext: 'lastfin',
      }),
      protocols: limits.maxStreams > 0 ? ['h2', 'http/1.1'] : ['http/1.1'],
      asksForCertificate: clientCa !== undefined,
    };
    // the check of the request covers the Host header
    const server = createServer({ requireHostHeader: false });
    // the proxy's sweep bounds idle connections, and its other timers long requests
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    // a session checks the times of its messages itself
    server.headersTimeout = 0;
    // no header may be dropped: one of them could be the length of the body; Node bounds their bytes
    server.maxHeadersCount = 0;
    // a client that has sent its request and its FIN still gets the answer
    Object.assign(server, { httpAllowHalfOpen: true });
    this.#listenTo(server, onFault);
    this.#http = server;
  }

  /** Takes a client whose ClientHello waits in its socket. */
  open(client: Socket, bridge: Bridge): Bridged {
    const socket = new ClientTls(client, this.#tls, bridge.events);
    const open: OpenBridge = { ...bridge, socket, session: undefined };
    this.#bridges.add(open);
    socket.on('error', () => {});
    socket.once('secure', () => this.#onSecure(open));
    socket.once('close', () => this.#forget(open));
    return {
      tls: socket,
      end: () => end(open),
      drain: () => open.session instanceof StreamSession && open.session.drain(),
    };
  }

  /** Number of open bridges, and of those whose handshake is done. */
  counts(): { bridged: number; secure: number } {
    const bridges = [...this.#bridges];
    return { bridged: bridges.length, secure: bridges.filter(({ session }) => session !== undefined).length };
  }

  /** Closes idle connections to upstreams; those of clients end with their records. */
  close(): void {
    this.#upstreams.close();
  }

  /** Handles the server's requests; an exception before a message's turn ends its connection and nothing else. */
  #listenTo(server: Server, onFault: (error: MessageError) => void): void {
    const tell = (socket: Duplex, step: (session: ClientSession) => void): void => {
      const session = this.#sessions.get(socket);
      // cannot be: a socket gets its session in the tick in which the server gets it
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

  #forget(bridge: OpenBridge): void {
    this.#bridges.delete(bridge);
    if (this.#bridges.size > 0) return;
    this.#looking?.cancel();
    this.#looking = undefined;
  }

  #onSecure(bridge: OpenBridge): void {
    const { socket } = bridge;
    if (socket.isLeaving) return;
    if (this.#tls.asksForCertificate && !socket.isVerified) return void socket.destroy();
    // a later handshake (TLS 1.2) may show another certificate
    if (this.#tls.asksForCertificate) socket.disableRenegotiation();
    const named = { serverName: serverNameOf(socket), isServed: (host: string) => bridge.isServed(host) };
    bridge.session =
      socket.alpnProtocol === 'h2'
        ? this.#openStreams(socket, bridge, named)
        : this.#openHttp1(socket, bridge, named);
    bridge.onSecure();
    watchServerName(socket, () => bridge.onServerNameChanged());
    this.#lookLater();
  }

  #openHttp1(socket: ClientTls, { client }: Bridge, named: Named): ClientSession {
    this.#http.emit('connection', socket);
    readAhead(socket);
    const session = new ClientSession(socket, {
      named,
      client,
      services: this.#services,
      limits: this.#limits,
    });
    socket.once('leaving', () => session.abort());
    this.#sessions.set(socket, session);
    return session;
  }

  #openStreams(socket: ClientTls, bridge: Bridge, named: Named): StreamSession {
    const { client } = bridge;
    const session = new StreamSession(socket, {
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
    // Node reads the bytes of HTTP/2 itself until its session is over
    socket.mayWait = () => session.isOver && !isWriting(socket);
    return session;
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
      for (const bridge of this.#bridges) this.#look(bridge, now);
    }, period);
  }

  /** Checks the times of one connection; an exception ends it, and no other. */
  #look(bridge: OpenBridge, now: number): void {
    try {
      bridge.socket.lookForReset();
      const fault = bridge.session?.look(now);
      if (fault !== undefined)
        bridge.onTooSlow(fault === 'header_timeout' ? 'initial_timeout' : 'inactivity');
    } catch (error) {
      this.#services.onFault(faultOf(error));
      bridge.onTooSlow('error');
    }
  }
}

/** Ends what is under way on a connection: an answer that is not with the kernel yet looks cut. */
function end({ session, socket }: OpenBridge): void {
  if (session instanceof StreamSession) return session.destroy();
  const isIdle = session?.isIdle === true;
  session?.abort();
  if (isIdle) socket.destroySoon();
  else socket.destroy();
}

/**
 * Lets a socket read ahead under Node's HTTP server, which would read from its handle itself, and stop at once where a body or an answer is
 * held back.
 */
function readAhead(socket: Socket): void {
  // with a listener of somebody else, Node gives the handle back
  socket.on('data', () => {});
  socket.removeAllListeners('pause');
  socket.removeAllListeners('resume');
}
