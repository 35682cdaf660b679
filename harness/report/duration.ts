import { prettyMs } from '../../shared/vendor/pretty-ms.ts';

/** `12ms`, `3.1s`, `1m 2.5s`. */
export function duration(ms: number): string {
  return prettyMs(Math.max(0, Math.round(ms)));
}
