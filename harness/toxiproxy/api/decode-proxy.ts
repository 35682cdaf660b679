import { bindArray, bindBool, bindString, bindStruct, type Field } from '../json/bind.ts';
import type { JsonValue } from '../json/scan.ts';
import type { ProxyChange } from '../server/proxy.ts';
import type { ProxyInput } from '../server/proxies.ts';
import { bind } from './decode.ts';
import { decodeProxyExtensions } from './decode-extensions.ts';

const POPULATE_ITEM = 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function decodeNewProxy(value: JsonValue, extensions: boolean): ProxyInput {
  const input = { name: '', listen: '', upstream: '', enabled: true };
  bind(value, bindStruct('toxiproxy.Proxy', proxyFields(input)));
  return extensions ? { ...input, ...decodeProxyExtensions(value) } : input;
}

/** Keys that are absent keep what the proxy has. */
export function decodeProxyChange(value: JsonValue, present: ProxyChange): ProxyChange {
  const { listen, upstream, enabled } = present;
  const input = { name: '', listen, upstream, enabled };
  bind(value, bindStruct('toxiproxy.Proxy', proxyFields(input)));
  return input;
}

export function decodePopulate(value: JsonValue, extensions: boolean): ProxyInput[] {
  const inputs: Mutable<ProxyInput>[] = [];
  bind(
    value,
    bindArray(POPULATE_ITEM, () => {
      const input = { name: '', listen: '', upstream: '', enabled: true };
      inputs.push(input);
      return bindStruct(POPULATE_ITEM, {
        ...proxyFields(input, '.Proxy.'),
        enabled: { where: '.enabled', binding: bindBool((enabled) => (input.enabled = enabled)) },
      });
    }),
  );
  if (extensions && value.kind === 'array') {
    for (const [at, item] of value.items.entries())
      Object.assign(inputs[at] ?? {}, decodeProxyExtensions(item));
  }
  return inputs;
}

function proxyFields(input: Mutable<ProxyInput>, where = 'Proxy.'): Record<string, Field> {
  return {
    name: { where: `${where}name`, binding: bindString((value) => (input.name = value)) },
    listen: { where: `${where}listen`, binding: bindString((value) => (input.listen = value)) },
    upstream: { where: `${where}upstream`, binding: bindString((value) => (input.upstream = value)) },
    enabled: { where: `${where}enabled`, binding: bindBool((value) => (input.enabled = value)) },
    logger: { where: `${where}Logger`, binding: bindStruct('zerolog.Logger', {}) },
  };
}
