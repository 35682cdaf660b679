import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { TOXIPROXY_VERSION } from './api/routes.ts';
import { startToxiproxyServer, type ToxiproxyServer } from './server.ts';

const OPTIONS = {
  host: { type: 'string', default: 'localhost' },
  port: { type: 'string', default: '8474' },
  config: { type: 'string', default: '' },
  seed: { type: 'string' },
  'proxy-metrics': { type: 'boolean', default: false },
  'runtime-metrics': { type: 'boolean', default: false },
  'exit-with-parent': { type: 'boolean', default: false },
  extensions: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

const USAGE = `Usage: lastfin toxiproxy [flags...]

Runs the embedded Toxiproxy alone until it is told to stop. Flags are the real server's, with one dash or two:

  --host <address>      address of the API (default: localhost)
  --port <n>            port of the API; 0 lets the system choose (default: 8474)
  --config <file>       JSON file with the proxies to begin with
  --seed <n>            the same seed gives the same toxicity and jitter
  --proxy-metrics       publish Prometheus metrics of the proxies
  --runtime-metrics     publish Prometheus metrics of the process
  --extensions          toxics that the real server does not have
  --exit-with-parent    stop when the process that started it is gone
  --version             print the version of Toxiproxy that it stands for
`;

/**
 * Runs the server with the real server's flags (`-host` or `--host`) until SIGTERM, SIGINT, or, with `--exit-with-parent`,
 * until the parent's IPC channel or pipe on stdin closes. Prints `{"event":"listening","host":…,"port":…}` once ready.
 *
 * @throws LastfinError `LASTFIN_USAGE` for wrong flags, `LASTFIN_PORT_IN_USE` for a taken address.
 */
export async function runToxiproxy(argv: readonly string[]): Promise<void> {
  if (argv.some((arg) => /^--?h(elp)?$/.test(arg))) {
    process.stdout.write(USAGE);
    return;
  }
  const flags = parse(argv);
  if (flags.version) {
    process.stdout.write(`toxiproxy-server version ${TOXIPROXY_VERSION}\n`);
    return;
  }
  const stopped = stopSignal(flags['exit-with-parent']);
  const server = await startToxiproxyServer({
    host: flags.host,
    port: Number(integer('port', flags.port, 0n, 65_535n)),
    ...(flags.seed === undefined ? {} : { seed: integer('seed', flags.seed) }),
    proxyMetrics: flags['proxy-metrics'],
    runtimeMetrics: flags['runtime-metrics'],
    extensions: flags.extensions,
  });
  if (flags.config !== '') await populateFrom(server, flags.config);
  // A parent that is gone cannot read; that must not end the server in its own way.
  process.stdout.on('error', () => {});
  process.stdout.write(`${JSON.stringify({ event: 'listening', host: server.host, port: server.port })}\n`);
  await stopped;
  await server.close();
}

function parse(argv: readonly string[]) {
  const args = argv.map((arg) => arg.replace(/^-(?=[a-z])/, '--').replace(/^(--[a-z-]+)=(?:true|1)$/, '$1'));
  try {
    return parseArgs({ args, options: OPTIONS, strict: true }).values;
  } catch (cause) {
    throw new LastfinError('LASTFIN_USAGE', `toxiproxy: ${(cause as Error).message}`, { cause });
  }
}

function integer(flag: string, value: string, least?: bigint, most?: bigint): bigint {
  const number = /^-?\d+$/.test(value) ? BigInt(value) : undefined;
  if (
    number === undefined ||
    (least !== undefined && number < least) ||
    (most !== undefined && number > most)
  ) {
    throw new LastfinError('LASTFIN_USAGE', `toxiproxy: --${flag}: not a valid number: ${value}`);
  }
  return number;
}

/** As the real server, goes on without the proxies when the file is bad; says so on stderr. */
async function populateFrom(server: ToxiproxyServer, file: string): Promise<void> {
  try {
    const answer = await server.populate(await readFile(file));
    if (answer.status !== 201) process.stderr.write(`toxiproxy: ${file}: ${answer.body}\n`);
  } catch (error) {
    process.stderr.write(`toxiproxy: ${file}: ${(error as Error).message}\n`);
  }
}

/** Resolves when the server has to stop. */
async function stopSignal(withParent: boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = (): void => resolve();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    if (!withParent) return;
    // there only with a channel: false when the parent went while this was starting, and nobody listened yet
    if ('connected' in process && !process.connected) stop();
    else if (process.channel !== undefined && process.channel !== null) {
      process.once('disconnect', stop);
    } else if (isPipe(0)) {
      process.stdin.once('end', stop).once('close', stop).once('error', stop).resume();
    }
  });
}

/** Only a pipe or a socket tells that its other end is gone; a terminal or /dev/null does not. */
function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
