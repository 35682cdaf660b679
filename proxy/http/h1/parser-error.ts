import { MessageError } from '../http-fault.ts';

/** Status by the code of Node's parser, where it is not 400. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_PAUSED_H2_UPGRADE: 505,
};

/** Converts an error of Node's HTTP server into a fault; undefined if no message of the client caused it, such as a reset. */
export function parserError({ code = '', message }: NodeJS.ErrnoException): MessageError | undefined {
  // bytes after a request that announced itself as the last: they are no message
  if (code === 'HPE_CLOSED_CONNECTION') return undefined;
  if (!code.startsWith('HPE_') && STATUS[code] === undefined) return undefined;
  return new MessageError('bad_request', `${code}: ${message}`, STATUS[code] ?? 400);
}
