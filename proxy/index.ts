/**
 * Face of `lastfin/proxy`: the reference proxy inside a program. `lastfin-proxy` is the same on the command line (docs/proxy.md).
 *
 * @example
 * import { createLogger, tcpListener, TcpProxy } from 'lastfin/proxy';
 *
 * const listeners = tcpListener({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: 9001 });
 * const proxy = new TcpProxy({ listeners, inactivityTimeout: 60_000 }, { logger: createLogger('silent') });
 * await proxy.listen();
 * await proxy.close();
 * proxy.statistics().accepted; // 0
 */
export type { Clock } from './clock/clock.ts';
export { loadConfig, parseConfig, type ProxyConfig } from './config/config-file.ts';
export type { ConnectionEnd } from './connection/connection-end.ts';
export type { ProxyStatistics } from './connection/termination-statistics.ts';
export type { Limits } from './limits/limits.ts';
export { answerCollectors, type ProxyEvents } from './observe/diagnostics.ts';
export { RepeatedLines } from './observe/log-repeats.ts';
export { createLogger, type LogLevel, type ProxyLogger } from './observe/logger.ts';
export {
  DEFAULT_LIMITS,
  type GivenSettings,
  type ListenerSettings,
  type ProxySettings,
  type RouteSettings,
  tcpListener,
} from './settings.ts';
export { type ProxyMetrics, TcpProxy } from './tcp-proxy.ts';
