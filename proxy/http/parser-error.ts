import { MessageError } from './http-fault.ts';

/** Status by what Node's parser says, where it is not 400. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_PAUSED_H2_UPGRADE: 505,
};

/** The fault that an error of Node's HTTP server is; undefined for one that is no client's message, such as a reset. */
export function parserError({ code = '', message }: NodeJS.ErrnoException): MessageError | undefined {
  // bytes behind a request that said it is the last: they are no message
  if (code === 'HPE_CLOSED_CONNECTION') return undefined;
  if (!code.startsWith('HPE_') && STATUS[code] === undefined) return undefined;
  return new MessageError('bad_request', `${code}: ${message}`, STATUS[code] ?? 400);
}
