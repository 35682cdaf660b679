import { expect, test } from 'vitest';
import { contract } from './testing/subjects.ts';

/** Bodies that are not JSON, or not of the right types, and Go's words for it. */
const PROXY_BODIES: readonly (readonly [body: string, error: string])[] = [
  ['', 'EOF'],
  [' \n', 'EOF'],
  ['{', 'unexpected EOF'],
  ['{"name":', 'unexpected EOF'],
  ['{"name":"a', 'unexpected EOF'],
  ['tru', 'unexpected EOF'],
  ['-', 'unexpected EOF'],
  ['{"name":"a",}', "invalid character '}' looking for beginning of object key string"],
  ['{name:1}', "invalid character 'n' looking for beginning of object key string"],
  ["{'name':1}", String.raw`invalid character '\'' looking for beginning of object key string`],
  ['{"name" 1}', "invalid character '1' after object key"],
  ['{"name":"a" "b":1}', `invalid character '"' after object key:value pair`],
  ['{"x":[1 2]}', "invalid character '2' after array element"],
  ['{"x":[1,]}', "invalid character ']' looking for beginning of value"],
  ['{"x":01}', "invalid character '1' after object key:value pair"],
  ['{"x":1.}', "invalid character '}' after decimal point in numeric literal"],
  ['{"x":-}', "invalid character '}' in numeric literal"],
  ['{"x":1e}', "invalid character '}' in exponent of numeric literal"],
  ['{"x":tru}', "invalid character '}' in literal true (expecting 'e')"],
  [String.raw`{"name":"\x"}`, "invalid character 'x' in string escape code"],
  [String.raw`{"name":"\u12"}`, String.raw`invalid character '"' in \u hexadecimal character escape`],
  ['{"name":"a\tb"}', String.raw`invalid character '\t' in string literal`],
  ['{"name":"a\0b"}', String.raw`invalid character '\x00' in string literal`],
  ['é', "invalid character 'Ã' looking for beginning of value"],
  ['[]', 'json: cannot unmarshal array into Go value of type toxiproxy.Proxy'],
  ['1', 'json: cannot unmarshal number into Go value of type toxiproxy.Proxy'],
  ['"x"', 'json: cannot unmarshal string into Go value of type toxiproxy.Proxy'],
  ['{"name":1}', 'json: cannot unmarshal number into Go struct field Proxy.name of type string'],
  ['{"NAME":[]}', 'json: cannot unmarshal array into Go struct field Proxy.name of type string'],
  ['{"enabled":"yes"}', 'json: cannot unmarshal string into Go struct field Proxy.enabled of type bool'],
  ['{"Logger":1}', 'json: cannot unmarshal number into Go struct field Proxy.Logger of type zerolog.Logger'],
  [
    '{"upstream":{},"name":1}',
    'json: cannot unmarshal object into Go struct field Proxy.upstream of type string',
  ],
];

const TOXIC_BODIES: readonly (readonly [body: string, error: string])[] = [
  ['', 'bad request body: EOF'],
  ['{}', 'invalid toxic type'],
  ['null', 'invalid toxic type'],
  ['{"type":"down"}', 'invalid toxic type'],
  ['{"type":"x","stream":"x"}', 'stream was invalid, can be either upstream or downstream'],
  ['{"type":"noop","stream":""}', 'stream was invalid, can be either upstream or downstream'],
  ['[]', 'bad request body: json: cannot unmarshal array into Go value of type toxics.ToxicWrapper'],
  [
    '{"type":5}',
    'bad request body: json: cannot unmarshal number into Go struct field ToxicWrapper.type of type string',
  ],
  [
    '{"type":"noop","toxicity":"x"}',
    'bad request body: json: cannot unmarshal string into Go struct field ToxicWrapper.toxicity of type float32',
  ],
  [
    '{"type":"noop","toxicity":1e39}',
    'bad request body: json: cannot unmarshal number 1e39 into Go struct field ToxicWrapper.toxicity of type float32',
  ],
  [
    '{"type":"latency","attributes":5}',
    'bad request body: json: cannot unmarshal number into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic',
  ],
  ...['1.5', '10.0', '1e3', '9223372036854775808'].map(
    (number) =>
      [
        `{"type":"latency","attributes":{"latency":${number}}}`,
        `bad request body: json: cannot unmarshal number ${number} into Go struct field LatencyToxic.attributes.latency of type int64`,
      ] as const,
  ),
  [
    '{"type":"slicer","attributes":{"average_size":"5"}}',
    'bad request body: json: cannot unmarshal string into Go struct field SlicerToxic.attributes.average_size of type int',
  ],
];

const POPULATE_TYPE = String.raw`struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }`;

const LISTEN_ADDRESSES: readonly (readonly [listen: string, error: string])[] = [
  ['garbage', 'listen tcp: address garbage: missing port in address'],
  ['127.0.0.1', 'listen tcp: address 127.0.0.1: missing port in address'],
  ['127.0.0.1:99999', 'listen tcp: address 99999: invalid port'],
  ['127.0.0.1:-1', 'listen tcp: address -1: invalid port'],
  ['127.0.0.1:abc', 'listen tcp: lookup tcp/abc: unknown port'],
  ['::1:80', 'listen tcp: address ::1:80: too many colons in address'],
  ['[::1', "listen tcp: address [::1: missing ']' in address"],
  ['[::1]', 'listen tcp: address [::1]: missing port in address'],
  ['a[b]:1', "listen tcp: address a[b]:1: unexpected '[' in address"],
];

contract('errors', (bench) => {
  test.each(PROXY_BODIES)('proxy body %j', async (body, error) => {
    const reply = await bench.api('POST', '/proxies', { body });
    expect(reply.status).toBe(400);
    expect(reply.json()).toEqual({ error: `bad request body: ${error}`, status: 400 });
  });

  test.each([
    ['{}', 'name'],
    ['null', 'name'],
    ['{"name":null}', 'name'],
    ['{"name":"a"}', 'upstream'],
  ])('proxy body %s misses its %s', async (body, field) => {
    const reply = await bench.api('POST', '/proxies', { body });
    expect(reply.text).toBe(`{"error":"missing required field: ${field}","status":400}\n`);
  });

  test.each(LISTEN_ADDRESSES)('listen %s', async (listen, error) => {
    const reply = await bench.api('POST', '/proxies', { body: { name: 'a', upstream: 'x', listen } });
    expect(reply.json()).toEqual({ error, status: 500 });
    expect((await bench.api('GET', '/proxies')).text).toBe('{}');
  });

  test.each(TOXIC_BODIES)('toxic body %s', async (body, error) => {
    const { path } = await bench.proxy();
    const reply = await bench.api('POST', `${path}/toxics`, { body });
    expect(reply.json()).toEqual({ error, status: 400 });
    expect((await bench.api('GET', `${path}/toxics`)).text).toBe('[]');
  });

  test.each([
    ['', 'EOF'],
    ['{"toxicity":"x"}', 'json: cannot unmarshal string into Go struct field .toxicity of type float32'],
    [
      '{"attributes":5}',
      'json: cannot unmarshal number into Go struct field .attributes of type toxics.LatencyToxic',
    ],
    [
      '{"attributes":{"jitter":1.5}}',
      'json: cannot unmarshal number 1.5 into Go struct field LatencyToxic.attributes.jitter of type int64',
    ],
  ])('toxic update %s', async (body, error) => {
    const { path } = await bench.proxy({ toxics: [{ type: 'latency' }] });
    const reply = await bench.api('POST', `${path}/toxics/latency_downstream`, { body });
    expect(reply.json()).toEqual({ error: `bad request body: ${error}`, status: 400 });
  });

  test.each([
    ['', 'EOF'],
    ['{}', `json: cannot unmarshal object into Go value of type []${POPULATE_TYPE}`],
    ['[1]', `json: cannot unmarshal number into Go value of type ${POPULATE_TYPE}`],
    ['[{"name":1}]', 'json: cannot unmarshal number into Go struct field .Proxy.name of type string'],
    ['[{"enabled":1}]', 'json: cannot unmarshal number into Go struct field .enabled of type bool'],
  ])('populate body %s', async (body, error) => {
    const reply = await bench.api('POST', '/populate', { body });
    expect(reply.json()).toEqual({ error: `bad request body: ${error}`, status: 400, proxies: null });
  });

  test('an unknown toxic is told before a bad body', async () => {
    const { path } = await bench.proxy();
    const reply = await bench.api('POST', `${path}/toxics/none`, { body: '{' });
    expect(reply.text).toBe('{"error":"toxic not found","status":404}\n');
  });

  test('many wrong calls at once all get their answer', async () => {
    const replies = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => bench.api('POST', '/proxies', { body: '{'.repeat(at) })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([400]));
  });
});
