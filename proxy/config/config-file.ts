import path from 'node:path';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { problemOf, throwProblems } from '../../shared/yaml-file/problem.ts';
import { readChecked } from '../../shared/yaml-file/read-checked.ts';
import { readTextFile } from '../../shared/yaml-file/read-text-file.ts';
import type { Address } from '../../shared/address.ts';
import { checkMeaning, nameListeners } from './config-meaning.ts';
import { configSchema } from './config-schema.ts';
import type { LogRepeats } from '../observe/log-repeats.ts';
import type { LogLevel } from '../observe/logger.ts';
import { readCertificates } from '../tls/read-certificates.ts';
import { withDefaults } from '../settings.ts';
import type { ProxySettings } from '../settings.ts';

/** Content of a config file with its defaults filled in. */
export type ProxyConfig = {
  settings: ProxySettings;
  log?: LogLevel;
  logRepeats?: LogRepeats;
  admin?: Address;
};

/**
 * Reads the proxy's config file.
 *
 * @throws LastfinError `LASTFIN_CONFIG_INVALID`, with file:line:column of each problem
 * @example
 * import { loadConfig } from 'lastfin/proxy';
 *
 * loadConfig('proxy.yaml').settings.listeners[0]?.listen; // { host: '127.0.0.1', port: 8443 }
 */
export function loadConfig(file: string): ProxyConfig {
  return parseConfig(file, readConfig(file));
}

/**
 * Reads a config from its text. `file` names it in messages, and paths in it are relative to it.
 *
 * @throws LastfinError `LASTFIN_CONFIG_INVALID`, with file:line:column of each problem
 * @example
 * import { parseConfig } from 'lastfin/proxy';
 *
 * const text = 'listeners: [{ listen: "127.0.0.1:9000", routes: [{ mode: tcp, upstreams: ["127.0.0.1:9001"] }] }]';
 * parseConfig('proxy.yaml', text).settings.grace; // 1000
 */
export function parseConfig(file: string, text: string): ProxyConfig {
  const kind = { schema: configSchema, meaning: checkMeaning };
  const { value, source } = readChecked(file, text, kind, 'LASTFIN_CONFIG_INVALID');
  const { listeners, issues: unreadable } = readCertificates(nameListeners(value), path.dirname(file));
  throwProblems(
    'LASTFIN_CONFIG_INVALID',
    unreadable.map((issue) => problemOf(source, issue)),
  );
  const { limits = {}, log, logRepeats, admin } = value;
  const given = Object.fromEntries(Object.entries(limits).filter(([, one]) => one !== undefined));
  return {
    settings: withDefaults({ ...given, listeners }),
    ...(log !== undefined && { log }),
    ...(logRepeats !== undefined && { logRepeats }),
    ...(admin !== undefined && { admin }),
  };
}

function readConfig(file: string): string {
  try {
    return readTextFile(file);
  } catch (cause) {
    const message = `cannot read the config file ${file}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new LastfinError('LASTFIN_CONFIG_INVALID', message, { facts: { file }, cause });
  }
}
