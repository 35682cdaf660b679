import { badBody, invalidStream, invalidToxicType } from '../api-error.ts';
import { bindFloat32, bindInteger, bindString, bindStruct, type Field } from '../json/bind.ts';
import type { JsonValue } from '../json/scan.ts';
import type { Direction, Toxic } from '../toxic.ts';
import { EXTENSION_KINDS, TOXIC_KINDS } from '../toxics/registry.ts';
import type { Attributes, ToxicKind } from '../toxics/toxic-kind.ts';
import { bind } from './decode.ts';
import { decodeScope } from './decode-scope.ts';

const NEW_ATTRIBUTES = 'struct { Attributes interface {} "json:\\"attributes\\"" }';
const CHANGE =
  'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }';

/** All of a new toxic but its attributes, which the real server looks at last: {@link decodeNewAttributes}. */
export function decodeNewToxic(value: JsonValue, extensions: boolean): Toxic {
  const input = { name: '', type: '', stream: 'downstream', toxicity: 1 };
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
  const kind = TOXIC_KINDS.get(input.type) ?? (extensions ? EXTENSION_KINDS.get(input.type) : undefined);
  if (kind === undefined) throw invalidToxicType();
  return {
    name: input.name === '' ? `${input.type}_${input.stream}` : input.name,
    kind,
    stream: input.stream,
    direction,
    toxicity: input.toxicity,
    attributes: Object.fromEntries(Object.keys(kind.attributes).map((name) => [name, 0n])),
    scope: extensions ? decodeScope(value) : undefined,
    addedAfter: 0,
  };
}

export function decodeNewAttributes(value: JsonValue, toxic: Toxic): void {
  const binding = attributesBinding(toxic.kind, toxic.attributes);
  bind(value, bindStruct(NEW_ATTRIBUTES, { attributes: binding }));
  refuse(toxic.kind, toxic.attributes);
}

/** Applies what the body says to the toxic. As in the real server, a misfit leaves the attributes that fitted changed. */
export function decodeToxicChange(value: JsonValue, toxic: Toxic): void {
  const attributes = { ...toxic.attributes };
  let { toxicity } = toxic;
  const binding = bindStruct(CHANGE, {
    attributes: attributesBinding(toxic.kind, attributes),
    toxicity: { where: '.toxicity', binding: bindFloat32((number) => (toxicity = number)) },
  });
  try {
    bind(value, binding);
  } finally {
    if (toxic.kind.refuse?.(attributes) === undefined) Object.assign(toxic.attributes, attributes);
  }
  refuse(toxic.kind, attributes);
  toxic.toxicity = toxicity;
}

function parseDirection(stream: string): Direction {
  const direction = stream.toLowerCase();
  if (direction === 'upstream' || direction === 'downstream') return direction;
  throw invalidStream();
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
