import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { parseDuration } from '../../../shared/yaml-file/values/duration.ts';

/**
 * Parser of an option's time, in ms, which throws `LASTFIN_USAGE` for anything else.
 *
 * @param example times that the message gives, such as `2s or 500ms`
 */
export function timeLike(example: string): (value: string) => number {
  return (value) => {
    const ms = parseDuration(value);
    if (ms !== undefined) return ms;
    throw new LastfinError('LASTFIN_USAGE', `a time such as ${example} is needed, not \`${value}\``);
  };
}
