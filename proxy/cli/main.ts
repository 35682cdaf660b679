#!/usr/bin/env node
import { ERROR_CODES } from '../../shared/errors/codes.ts';
import type { ErrorCode } from '../../shared/errors/codes.ts';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { AdminServer } from '../observe/admin-server.ts';
import { answerCollectors } from '../observe/diagnostics.ts';
import { parseFlags } from './flags.ts';
import type { CommandLine } from './flags.ts';
import { RepeatedLines } from '../observe/log-repeats.ts';
import type { LogRepeats } from '../observe/log-repeats.ts';
import { createLogger } from '../observe/logger.ts';
import type { LogLevel, ProxyLogger } from '../observe/logger.ts';
import { fitProcessToPipes } from './process-memory.ts';
import { ignoredChanges } from './reload-warning.ts';
import { TcpProxy } from '../tcp-proxy.ts';

async function run({ settings, logLevel, logRepeats, admin, check, config }: CommandLine): Promise<void> {
  if (check) return void process.stdout.write('the config file is sound\n');
  fitProcessToPipes();
  const logger = startLog(logLevel, logRepeats);
  const proxy = new TcpProxy(settings, { logger });
  // never unsubscribed: the statistics can be read until the process exits
  answerCollectors(() => proxy.statistics());
  const adminServer = admin && (await createAdminServer(proxy, logger));
  stopOnSignals(proxy, logger, () => adminServer?.close());
  if (config !== undefined) reloadOnSignal(proxy, logger, config);
  const addresses = await proxy.listen();
  for (const [index, { address, port }] of addresses.entries()) {
    const listener = settings.listeners[index]!.name;
    logger.info(
      { event: 'listening', listener, address, port, pid: process.pid },
      `listening on ${address} port ${port}`,
    );
  }
  if (admin === undefined || adminServer === undefined) return;
  try {
    const { address, port } = await adminServer.listen(admin);
    logger.info({ event: 'admin_listening', address, port }, `metrics on ${address} port ${port}`);
  } catch (error) {
    await proxy.close();
    throw error;
  }
}

/** Creates the logger; lines held back as repeats are written before the process ends, however it ends. */
function startLog(level: LogLevel, repeats: LogRepeats): ProxyLogger {
  const logger = createLogger(level);
  if (repeats === 'all') return logger;
  const counted = new RepeatedLines(logger);
  process.on('exit', () => counted.flush());
  return counted;
}

/** Reloads the config on SIGHUP. A config that is invalid, or whose addresses cannot be bound, changes nothing. */
function reloadOnSignal(
  proxy: TcpProxy,
  logger: ProxyLogger,
  { file, read }: NonNullable<CommandLine['config']>,
): void {
  const reload = async (): Promise<void> => {
    try {
      const { loadConfig } = await import('../config/config-file.ts');
      const now = loadConfig(file);
      const ignored = ignoredChanges(read, now);
      if (ignored.length > 0) {
        const message = `a reload changes listeners and routes only; restart the proxy for: ${ignored.join(', ')}`;
        logger.warn({ event: 'reload_ignored', file, settings: ignored }, message);
      }
      await proxy.reload(now.settings.listeners);
      logger.info({ event: 'reloaded', file }, `routes reloaded from ${file}`);
    } catch (error) {
      logger.error({ event: 'reload_failed', file, err: error }, `cannot reload the routes of ${file}`);
    }
  };
  process.on('SIGHUP', () => void reload());
}

/** Creates the server for `/metrics`. prom-client is loaded only here, since most runs do not need it. */
async function createAdminServer(proxy: TcpProxy, logger: ProxyLogger): Promise<AdminServer> {
  const { AdminServer: Server } = await import('../observe/admin-server.ts');
  return new Server(proxy, logger);
}

/** Stops gracefully at the first signal and at once at the second. Nothing then holds the event loop, and the process exits. */
function stopOnSignals(proxy: TcpProxy, logger: ProxyLogger, onStopped: () => void): void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    logger.info({ event: 'shutdown', signal, forced: signals > 1 }, `stopping on ${signal}`);
    const stopped = signals > 1 ? proxy.forceClose() : proxy.close();
    stopped.then(onStopped).catch(fail);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Error codes that blame the caller's input, not the environment; they give exit code 2. */
const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set(['LASTFIN_USAGE', 'LASTFIN_CONFIG_INVALID']);

function fail(error: unknown): void {
  if (!(error instanceof LastfinError)) throw error;
  process.stderr.write(`lastfin-proxy: ${error.code}: ${error.message}\n  ${ERROR_CODES[error.code].fix}\n`);
  process.exitCode = USAGE_ERRORS.has(error.code) ? 2 : 1;
}

try {
  const commandLine = await parseFlags(process.argv.slice(2));
  if (commandLine !== undefined) await run(commandLine);
} catch (error) {
  fail(error);
}
