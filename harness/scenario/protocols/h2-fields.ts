/** Fields about a connection, which streams cannot have (RFC 9113, 8.2.2). */
const OF_A_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/**
 * First header or trailer that no message of HTTP/2 can have; undefined: there is none.
 *
 * @example
 * fieldOfConnection({ accept: '*' , Connection: 'close' }); // 'Connection'
 */
export function fieldOfConnection(fields: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(fields).find((name) => OF_A_CONNECTION.includes(name.toLowerCase()));
}
