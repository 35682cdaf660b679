#!/usr/bin/env node
import { ERROR_CODES } from '../errors/codes.ts';
import { LastfinError } from '../errors/lastfin-error.ts';
import { answerCollectors } from './diagnostics.ts';
import { parseFlags } from './flags.ts';
import type { CommandLine } from './flags.ts';
import { createLogger } from './logger.ts';
import type { ProxyLogger } from './logger.ts';
import { TcpProxy } from './tcp-proxy.ts';

async function run({ settings, logLevel }: CommandLine): Promise<void> {
  const logger = createLogger(logLevel);
  const proxy = new TcpProxy(settings, { logger });
  // never taken back: the statistics can be read until the process is gone
  answerCollectors(() => proxy.statistics());
  stopOnSignals(proxy, logger);
  const { address, port } = await proxy.listen();
  logger.info(
    { event: 'listening', address, port, pid: process.pid },
    `listening on ${address} port ${port}`,
  );
}

/** The first signal stops gracefully, the second at once. Then nothing is left and the process ends by itself. */
function stopOnSignals(proxy: TcpProxy, logger: ProxyLogger): void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    logger.info({ event: 'shutdown', signal, forced: signals > 1 }, `stopping on ${signal}`);
    const stopped = signals > 1 ? proxy.forceClose() : proxy.close();
    stopped.catch(fail);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function fail(error: unknown): void {
  if (!(error instanceof LastfinError)) throw error;
  process.stderr.write(`lastfin-proxy: ${error.code}: ${error.message}\n  ${ERROR_CODES[error.code].mend}\n`);
  process.exitCode = error.code === 'LASTFIN_USAGE' ? 2 : 1;
}

try {
  const commandLine = parseFlags(process.argv.slice(2));
  if (commandLine !== undefined) await run(commandLine);
} catch (error) {
  fail(error);
}
