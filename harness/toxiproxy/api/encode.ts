import { shortestFloat32, type Printable } from '../json/print.ts';
import type { Proxy } from '../server/proxy.ts';
import type { Toxic } from '../toxic.ts';

export function encodeProxy(proxy: Proxy): Printable {
  return {
    name: proxy.name,
    listen: proxy.listen,
    upstream: proxy.upstream,
    enabled: proxy.enabled,
    Logger: {},
    toxics: proxy.toxics.all().map(encodeToxic),
    // Extensions show only where they are used.
    ...(proxy.halfClose ? { half_close: true } : {}),
  };
}

export function encodeToxic(toxic: Toxic): Printable {
  return {
    attributes: toxic.attributes,
    name: toxic.name,
    type: toxic.kind.type,
    stream: toxic.stream,
    toxicity: shortestFloat32(toxic.toxicity),
    ...(toxic.scope?.connections === undefined ? {} : { connections: toxic.scope.connections }),
    ...(toxic.scope?.every === undefined ? {} : { every: toxic.scope.every }),
  };
}
