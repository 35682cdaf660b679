import { pino } from '../../shared/vendor/pino.ts';

type Write = (fields: Record<string, unknown>, message: string) => void;

/** Methods that the proxy needs of a logger; pino has them. */
export type ProxyLogger = {
  info: Write;
  warn: Write;
  error: Write;
  /** Counts a line in the place of writing it, if it is one of many alike; false: it is to be written. Spares making its text. */
  countAlike?(level: 'info' | 'warn' | 'error', event: string, fields: Record<string, unknown>): boolean;
};

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Creates a logger of JSON lines on stdout. Writes are synchronous, so that nothing is left to flush at the exit. */
export function createLogger(level: LogLevel): ProxyLogger {
  // by itself, since the type that is returned would be taken for names of levels
  const logger = pino(
    { level, base: null, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ dest: 1, sync: true }),
  );
  return logger;
}
