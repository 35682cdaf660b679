import { Option } from '../../shared/vendor/commander.ts';
import { KEEP_ALIVE_TREATMENTS, type Limit, LIMIT_FORMS, type LimitKind } from '../limits/limit-kinds.ts';
import { LIMITS_BY_NAME } from '../limits/limit-table.ts';
import { flagOf, writtenDefault } from '../limits/limit-text.ts';
import { parseCount, parseDuration, parseSize } from './flag-values.ts';

/** Options of the limits that have a flag. */
export function limitOptions(): Option[] {
  return LIMITS_BY_NAME.flatMap(([name, limit]) => (limit.flag ? [limitOption(name, limit)] : []));
}

/** Readers of a flag's text, by kind; a list of networks has no flag. */
const READERS: Record<Exclude<LimitKind, 'networks' | 'treatment'>, (text: string) => number> = {
  timeout: (text) => (text === 'off' ? 0 : parseDuration(text, ', or off')),
  // a grace has no `off`: without a limit, a peer that ignores our FIN would be kept forever
  grace: (text) => parseDuration(text),
  bytes: parseSize,
  count: parseCount,
  pool: parseCount,
  factor: parseCount,
};

function limitOption(name: string, limit: Limit): Option {
  const { kind, about } = limit;
  const form = `${flagOf(name)} <${LIMIT_FORMS[kind].placeholder}>`;
  if ('like' in limit) return withReader(new Option(form, `${about} (default: ${flagOf(limit.like)})`), kind);
  return withReader(new Option(form, about), kind).default(limit.fallback, writtenDefault(limit));
}

function withReader(option: Option, kind: LimitKind): Option {
  if (kind === 'networks') return option;
  return kind === 'treatment' ? option.choices(KEEP_ALIVE_TREATMENTS) : option.argParser(READERS[kind]);
}
