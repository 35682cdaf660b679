import { Command, CommanderError, Option } from '../../shared/vendor/commander.ts';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Address } from '../../shared/address.ts';
import type { ProxyConfig } from '../config/config-file.ts';
import { LOG_REPEATS } from '../observe/log-repeats.ts';
import type { LogRepeats } from '../observe/log-repeats.ts';
import { LOG_LEVELS } from '../observe/logger.ts';
import type { LogLevel } from '../observe/logger.ts';
import { ENGINES, tcpListener, withDefaults } from '../settings.ts';
import { parseListen, parseUpstream } from './flag-values.ts';
import { limitOptions } from './limit-options.ts';
import type { Limits } from '../limits/limits.ts';
import type { Engine, ProxySettings } from '../settings.ts';

export type CommandLine = {
  settings: ProxySettings;
  logLevel: LogLevel;
  logRepeats: LogRepeats;
  /** config file to read again at SIGHUP, and its content at the start */
  config?: { file: string; read: ProxyConfig };
  /** address on which `/metrics` is served */
  admin?: Address;
  /** only check the config file, and listen nowhere */
  check: boolean;
};

type Addresses = { listen: Address; upstream: Address };

type Flags = Partial<Limits & Addresses> & {
  engine?: Engine;
  logLevel: LogLevel;
  logRepeats: LogRepeats;
  admin?: Address;
  config?: string;
  check?: true;
};

/** Flags that are allowed beside `--config`; everything else comes from the file. */
const BESIDE_CONFIG: readonly string[] = ['config', 'check', 'logLevel', 'logRepeats', 'admin'];

/**
 * Reads the command line of the proxy (without `node` and the script).
 *
 * @returns undefined where help was asked for and printed
 * @throws LastfinError `LASTFIN_USAGE`, saying which flag is wrong and what it takes; `LASTFIN_CONFIG_INVALID`
 * @example
 * await parseFlags(['--listen', '127.0.0.1:0', '--upstream', '[::1]:9001', '--grace', '500ms']);
 */
export async function parseFlags(args: readonly string[]): Promise<CommandLine | undefined> {
  const command = buildCommand();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new LastfinError('LASTFIN_USAGE', error.message.replace(/^error: /, ''), {
      facts: { args },
      cause: error,
    });
  }
  const flags = command.opts<Flags>();
  const { logLevel, logRepeats, admin, config, check = false, ...rest } = flags;
  if (config !== undefined) {
    refuseBesideConfig(command);
    // yaml and zod take longer to load than everything else, and most runs do not need them
    const { loadConfig } = await import('../config/config-file.ts');
    const read = loadConfig(config);
    const address = admin ?? read.admin;
    const given = (name: keyof Flags): boolean => command.getOptionValueSource(name) === 'cli';
    return {
      settings: read.settings,
      logLevel: given('logLevel') ? logLevel : (read.log ?? logLevel),
      logRepeats: given('logRepeats') ? logRepeats : (read.logRepeats ?? logRepeats),
      check,
      config: { file: config, read },
      ...(address && { admin: address }),
    };
  }
  if (check) throw usage('--check needs a config file: add --config FILE', '--check');
  requireAddresses(rest);
  const { listen, upstream, engine, ...limits } = rest;
  const settings = withDefaults({ ...limits, listeners: tcpListener(listen, upstream, engine) });
  return { settings, logLevel, logRepeats, check, ...(admin && { admin }) };
}

function refuseBesideConfig(command: Command): void {
  const given = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      !BESIDE_CONFIG.includes(option.attributeName()),
  );
  if (given === undefined) return;
  throw usage(`${given.long} cannot be combined with --config: set it in the file`, given.long);
}

function usage(message: string, flag: string | null | undefined): LastfinError {
  return new LastfinError('LASTFIN_USAGE', message, { facts: { flag } });
}

function buildCommand(): Command {
  const command = new Command('lastfin-proxy')
    .description(
      'Forwards TCP connections. Durations: 500ms, 2s, 10m, 1h; a bare number is ms; 0 or off: no limit.',
    )
    .option(
      '--config <file>',
      'YAML file with listeners, routes and limits; instead of --listen and --upstream',
    )
    .option('--admin <address>', 'address for GET /metrics, for Prometheus', parseListen)
    .option('--check', 'check the config file and exit')
    .option(
      '--listen <address>',
      'address to accept connections on, such as 127.0.0.1:9000 or [::1]:0',
      parseListen,
    )
    .option('--upstream <address>', 'address to forward connections to', parseUpstream)
    .addOption(
      new Option(
        '--engine <engine>',
        'copier of the bytes; nftables: the kernel, needs CAP_NET_ADMIN',
      ).choices(ENGINES),
    );
  for (const option of limitOptions()) command.addOption(option);
  command.addOption(
    new Option('--log-level <level>', 'least severe log line to write').choices(LOG_LEVELS).default('info'),
  );
  command.addOption(
    new Option('--log-repeats <how>', 'similar log lines: all of them, or the first ones and a count')
      .choices(LOG_REPEATS)
      .default('counted'),
  );
  // the caller throws and prints errors, once
  return command.exitOverride().configureOutput({ writeErr: () => {} });
}

/** Checks the addresses here, since commander's own check reports a misspelt `--lisen` as a missing `--listen`. */
function requireAddresses<T extends Partial<Addresses>>(flags: T): asserts flags is T & Addresses {
  for (const name of ['listen', 'upstream'] as const) {
    if (flags[name] === undefined) {
      const message = `--${name} is missing: add --${name} host:port, such as --${name} 127.0.0.1:9000`;
      throw usage(message, `--${name}`);
    }
  }
}
