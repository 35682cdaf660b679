export type Address = { host: string; port: number };

/** `127.0.0.1:9000`, `[::1]:9000` */
export function authority({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
