import { fillPlaceholders } from './target-placeholders.ts';

type Address = { host: string; port: number };

/** Where a target can be asked over HTTP. */
export type Asked = { listen: Address; admin: Address };

/** A URL of a target file, its placeholders filled in. What stands for a path alone is on the target's own address. */
export function fillUrl(url: string, addresses: Asked): string {
  const values = new Map(
    Object.entries(addresses).flatMap(([place, { host, port }]): [string, string][] => [
      [`${place}.address`, `${host}:${port}`],
      [`${place}.host`, host],
      [`${place}.port`, String(port)],
    ]),
  );
  return fillPlaceholders(
    url.startsWith('/') ? `http://{{listen.address}}${url}` : url,
    values,
    (missing) => {
      throw new Error(`no {{${missing}}} in ${url}: the target file's check let it pass`);
    },
  );
}
