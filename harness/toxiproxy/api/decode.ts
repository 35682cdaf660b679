import { badBody, invalidStream, invalidToxicType } from '../api-error.ts';
import {
  bindArray,
  bindBool,
  bindFloat32,
  bindInteger,
  bindJson,
  bindString,
  bindStruct,
  JsonTypeError,
  type Binding,
  type Field,
} from '../json/bind.ts';
import { JsonSyntaxError, scanJson, type JsonValue } from '../json/scan.ts';
import type { ProxyInput } from '../proxies.ts';
import type { ProxyChange } from '../proxy.ts';
import type { Direction, Toxic } from '../toxic.ts';
import { TOXIC_KINDS } from '../toxics/registry.ts';
import type { Attributes, ToxicKind } from '../toxics/toxic.ts';

const POPULATE_ITEM = 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function decodeNewProxy(body: Buffer): ProxyInput {
  const input = { name: '', listen: '', upstream: '', enabled: true };
  decode(body, bindStruct('toxiproxy.Proxy', proxyFields(input)));
  return input;
}

/** Keys that are absent keep what the proxy has. */
export function decodeProxyChange(body: Buffer, present: ProxyChange): ProxyChange {
  const input = { name: '', listen: present.listen, upstream: present.upstream, enabled: present.enabled };
  decode(body, bindStruct('toxiproxy.Proxy', proxyFields(input)));
  return input;
}

export function decodePopulate(body: Buffer): ProxyInput[] {
  const inputs: ProxyInput[] = [];
  decode(
    body,
    bindArray(POPULATE_ITEM, () => {
      const input = { name: '', listen: '', upstream: '', enabled: true };
      inputs.push(input);
      return bindStruct(POPULATE_ITEM, {
        ...proxyFields(input, '.Proxy.'),
        enabled: { where: '.enabled', binding: bindBool((value) => (input.enabled = value)) },
      });
    }),
  );
  return inputs;
}

export function decodeNewToxic(body: Buffer): Toxic {
  const input = { name: '', type: '', stream: 'downstream', toxicity: 1 };
  const value = scan(body);
  bind(
    value,
    bindStruct('toxics.ToxicWrapper', {
      // The type is not known yet, so the real server decodes attributes into a noop first.
      attributes: { where: 'ToxicWrapper.attributes', binding: bindStruct('toxics.NoopToxic', {}) },
      name: { where: 'ToxicWrapper.name', binding: bindString((name) => (input.name = name)) },
      type: { where: 'ToxicWrapper.type', binding: bindString((type) => (input.type = type)) },
      stream: { where: 'ToxicWrapper.stream', binding: bindString((stream) => (input.stream = stream)) },
      toxicity: {
        where: 'ToxicWrapper.toxicity',
        binding: bindFloat32((toxicity) => (input.toxicity = toxicity)),
      },
    }),
  );
  const direction = parseDirection(input.stream);
  const kind = TOXIC_KINDS.get(input.type);
  if (kind === undefined) throw invalidToxicType();
  return {
    name: input.name === '' ? `${input.type}_${input.stream}` : input.name,
    kind,
    stream: input.stream,
    direction,
    toxicity: input.toxicity,
    attributes: Object.fromEntries(Object.keys(kind.attributes).map((name) => [name, 0n])),
  };
}

/** Second step of {@link decodeNewToxic}: once nothing else is wrong. */
export function decodeNewAttributes(body: Buffer, toxic: Toxic): void {
  const binding = attributesBinding(toxic.kind, toxic.attributes);
  decode(
    body,
    bindStruct('struct { Attributes interface {} "json:\\"attributes\\"" }', { attributes: binding }),
  );
  refuse(toxic.kind, toxic.attributes);
}

/** Applies what the body says to the toxic. As in the real server, a misfit leaves the attributes that fitted changed. */
export function decodeToxicChange(body: Buffer, toxic: Toxic): void {
  const attributes = { ...toxic.attributes };
  let { toxicity } = toxic;
  const binding = bindStruct(
    'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }',
    {
      attributes: attributesBinding(toxic.kind, attributes),
      toxicity: { where: '.toxicity', binding: bindFloat32((value) => (toxicity = value)) },
    },
  );
  const value = scan(body);
  try {
    bind(value, binding);
  } finally {
    if (toxic.kind.refuse?.(attributes) === undefined) Object.assign(toxic.attributes, attributes);
  }
  refuse(toxic.kind, attributes);
  toxic.toxicity = toxicity;
}

export function parseDirection(stream: string): Direction {
  const direction = stream.toLowerCase();
  if (direction === 'upstream' || direction === 'downstream') return direction;
  throw invalidStream();
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

function attributesBinding(kind: ToxicKind, attributes: Attributes): Field {
  const fields = Object.entries(kind.attributes).map(([name, goType]): [string, Field] => [
    name,
    {
      where: `${kind.goName}.attributes.${name}`,
      binding: bindInteger(goType, (value) => (attributes[name] = value)),
    },
  ]);
  return { where: '.attributes', binding: bindStruct(`toxics.${kind.goName}`, Object.fromEntries(fields)) };
}

function refuse(kind: ToxicKind, attributes: Attributes): void {
  const why = kind.refuse?.(attributes);
  if (why !== undefined) throw badBody(why);
}

function decode(body: Buffer, binding: Binding): void {
  bind(scan(body), binding);
}

function scan(body: Buffer): JsonValue {
  try {
    return scanJson(body);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badBody(error.message);
    throw error;
  }
}

function bind(value: JsonValue, binding: Binding): void {
  try {
    bindJson(value, binding);
  } catch (error) {
    if (error instanceof JsonTypeError) throw badBody(error.message);
    throw error;
  }
}
