import type { Clock } from '../../clock/clock.ts';
import type { TerminateRoute } from '../../settings.ts';
import type { MakeCall } from '../call.ts';
import type { HttpFigures } from '../http-figures.ts';
import type { MessageError } from '../http-fault.ts';
import { StreamCall } from './h2/stream-call.ts';
import { UpstreamSessions } from './h2/upstream-sessions.ts';
import type { UpstreamSessionLimits } from './h2/upstream-sessions.ts';
import { H1Call } from './h1-call.ts';
import { dialTls } from './upstream-tls.ts';
import { Upstreams } from './upstreams.ts';

/** Upstreams of a route, in whichever protocol they are asked. */
export type RouteUpstreams = {
  call: MakeCall;
  /** Closes idle connections; the others close after their last request. */
  close(): void;
};

type Services = {
  limits: UpstreamSessionLimits;
  clock: Clock;
  figures: HttpFigures;
  onFault: (error: MessageError) => void;
};

export function routeUpstreams(
  {
    upstreams: addresses,
    upstreamTls,
    upstreamProtocol: protocol = 'http/1.1',
    extendedConnect = true,
  }: TerminateRoute,
  { limits, clock, figures, onFault }: Services,
): RouteUpstreams {
  const dial = upstreamTls && dialTls(upstreamTls, protocol);
  if (protocol === 'http/1.1') {
    const upstreams = new Upstreams(addresses, limits, clock, figures, dial);
    const call: MakeCall = (request, sink) => new H1Call(request, { upstreams, onFault }, sink);
    return { call, close: () => upstreams.close() };
  }
  const sessions = new UpstreamSessions(addresses, limits, clock, figures, dial);
  const scheme = upstreamTls === undefined ? 'http' : 'https';
  const services = { sessions, figures, clock, scheme, extendedConnect, grace: limits.grace } as const;
  const call: MakeCall = (request, sink) => new StreamCall(request, services, sink);
  return { call, close: () => sessions.close() };
}
