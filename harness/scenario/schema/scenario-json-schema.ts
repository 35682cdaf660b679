import * as z from '../../../shared/vendor/zod.ts';
import { scenarioSchema } from './scenario-schema.ts';

type Json = Record<string, unknown>;

/** Schema of `${…}`, which editors must accept in place of any value. */
const VARIABLE: Json = { type: 'string', pattern: '\\$\\{.+\\}' };

/**
 * JSON Schema of a scenario file as written, for editors: `# yaml-language-server: $schema=…` completes and checks.
 *
 * @example
 * JSON.stringify(scenarioJsonSchema(), null, 2);
 */
export function scenarioJsonSchema(): Json {
  const schema: Json = z.toJSONSchema(scenarioSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodObject) untag(zodSchema, jsonSchema);
    },
  });
  const { matrix, exclude, ...properties } = asJson(schema['properties']);
  // only in the axes themselves variables have no value yet
  const filled = Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, orVariable(one)]));
  return {
    $id: 'urn:lastfin:schema:scenario:1',
    ...schema,
    title: 'lastfin scenario',
    properties: { ...filled, matrix, exclude },
  };
}

/** Removes the tag that `byKey` adds: a file says `open` or `{ send: 64 }`, never `{ step: send }`. */
function untag(zodSchema: z.ZodObject, json: Json): void {
  const [tag, ...keys] = Object.keys(zodSchema.shape);
  if (tag !== 'step' && tag !== 'state' && tag !== 'trigger') return;
  const properties = asJson(json['properties']);
  const form = asJson(properties[tag]);
  if (keys.length === 0) {
    for (const key of Object.keys(json)) delete json[key];
    Object.assign(json, form);
    return;
  }
  delete properties[tag];
  json['properties'] = properties;
  const required = Array.isArray(json['required']) ? json['required'] : [];
  json['required'] = keys.filter((key) => required.includes(key));
  // `cancel` is short for `cancel: cancel`
  if (tag === 'step' && keys.length === 1 && !required.includes(keys[0])) {
    const asMap = { ...json, required: keys };
    for (const key of Object.keys(json)) delete json[key];
    json['anyOf'] = [form, asMap];
  }
  // `wait: 3s` is short for `wait: { time: 3s }`
  if (tag === 'state' && keys[0] === 'time') {
    const asMap = { ...json };
    for (const key of Object.keys(json)) delete json[key];
    json['anyOf'] = [asMap, properties['time']];
  }
}

/** Extends a schema so that a variable is accepted at every depth. */
function orVariable(schema: unknown): unknown {
  const { description, default: fallback, ...rest } = asJson(schema);
  const deep = deepen(rest);
  const notes = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
  const anyText =
    deep['type'] === 'string' && !('enum' in deep) && !('const' in deep) && !('pattern' in deep);
  return anyText ? { ...notes, ...deep } : { ...notes, anyOf: [deep, VARIABLE] };
}

function deepen(schema: Json): Json {
  const deep: Json = { ...schema };
  for (const key of ['anyOf', 'oneOf'] as const) {
    const forms = deep[key];
    if (!Array.isArray(forms)) continue;
    delete deep[key];
    deep['anyOf'] = forms.map((form) => deepen(asJson(form)));
  }
  if ('items' in deep) deep['items'] = orVariable(deep['items']);
  if ('properties' in deep) {
    const entries = Object.entries(asJson(deep['properties'])).map(([key, one]) => [key, orVariable(one)]);
    deep['properties'] = Object.fromEntries(entries);
  }
  if (typeof deep['additionalProperties'] === 'object') {
    deep['additionalProperties'] = orVariable(deep['additionalProperties']);
  }
  if (deep['additionalProperties'] === false)
    deep['patternProperties'] = { [String(VARIABLE['pattern'])]: {} };
  if ('propertyNames' in deep) deep['propertyNames'] = orVariable(deep['propertyNames']);
  return deep;
}

const asJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});
