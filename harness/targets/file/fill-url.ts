import { fillPlaceholders } from './target-placeholders.ts';

type Address = { host: string; port: number };

/** Addresses at which a target answers HTTP. */
export type Asked = { listen: Address; admin: Address };

/** Fills in the placeholders of a URL in a target file. A path alone refers to the target's own address. */
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
