import { InvalidArgumentError } from '../../shared/vendor/commander.ts';
import { ms, type StringValue } from '../../shared/vendor/ms.ts';
import { parseBytes } from '../../shared/yaml-file/values/bytes.ts';
import { type Address, parseAddress } from '../../shared/address.ts';
import { MAX_DURATION } from '../settings.ts';

const DURATION = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)?$/;

/** Address to listen on, with any port. */
export function parseListen(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) {
    throw new InvalidArgumentError(
      'Expected host:port, such as 127.0.0.1:9000 or [::1]:0 (0: any free port).',
    );
  }
  return address;
}

/** Address to connect to. */
export function parseUpstream(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined || address.port === 0) {
    throw new InvalidArgumentError('Expected host:port with a port from 1 to 65535, such as 127.0.0.1:9001.');
  }
  return address;
}

/** Number of bytes. */
export function parseSize(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError('Expected bytes, such as 64KiB; 0: no limit.');
  return bytes;
}

/** Count without a sign. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a count, such as 100; 0: no limit.');
  return Number(text);
}

/** Duration in ms; `orElse` is a text for errors that names other values. */
export function parseDuration(text: string, orElse = ''): number {
  if (!isDuration(text)) {
    throw new InvalidArgumentError(`Expected a duration such as 500ms, 2s, 10m or 1h${orElse}.`);
  }
  const duration = Math.round(ms(text));
  if (duration > MAX_DURATION) throw new InvalidArgumentError(`The longest duration is 24d${orElse}.`);
  return duration;
}

function isDuration(text: string): text is StringValue {
  return DURATION.test(text);
}
