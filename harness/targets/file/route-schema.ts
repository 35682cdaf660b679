import * as z from '../../../shared/vendor/zod.ts';
import { dropUndefined } from '../../../shared/drop-undefined.ts';
import { bytesAs } from '../../../shared/yaml-file/values/scalar-fields.ts';
import {
  type Protocol,
  type Transport,
  PLAIN,
  refineTransport,
  speaksH2,
  speaksHttp,
} from '../../scenario/transport.ts';
import { refuseUnasked, transportChange } from '../../scenario/schema/transport-schema.ts';
import { fieldOfConnection } from '../../scenario/protocols/h2-fields.ts';
import { type SampleRequest, usualSample } from '../../scenario/sample-request.ts';
import type { HttpRequest } from '../../scenario/step.ts';

export const argumentList = z.array(z.union([z.string(), z.number()]).transform(String));

/** Route of a target: how the target is configured for it, and the protocols of its two sides. */
export type TargetRoute = {
  arguments: string[];
  /** text of the config file, `{{…}}` as written */
  config?: string;
  client: Transport;
  /** absent: the target is a server by itself */
  upstream?: Transport;
  /** sample request that `ask` sends */
  request?: SampleRequest;
};

/** Route whose bytes pass unchanged. */
export const PLAIN_ROUTE: TargetRoute = { arguments: [], client: PLAIN, upstream: PLAIN };

const transport = transportChange
  .superRefine((change, context) => {
    // a route has no other protocol to fall back on
    if (typeof change !== 'string' && change.protocol === undefined)
      refuseUnasked(PLAIN.protocol, change, context);
  })
  .transform((change) => refineTransport(PLAIN, change));

/** Bytes of a patterned body; whoever writes the body itself here is told where it goes. */
const patterned = bytesAs('a number of bytes, such as 64 or 64KiB (a body of text goes into `text`)');

const httpSample = z
  .strictObject({
    method: z
      .string()
      .regex(/^[A-Z]+$/, 'must be a method in capitals, such as POST')
      .optional(),
    // not `startsWith`: its JSON Schema has a format that validators do not know
    path: z.string().regex(/^\//, 'must begin with /').default('/'),
    headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
    body: patterned.optional().describe('Patterned bytes.'),
    text: z
      .string()
      .optional()
      .describe('The body as it stands here, such as JSON, in place of patterned bytes.'),
  })
  .refine(({ body, text }) => body === undefined || text === undefined, {
    path: ['text'],
    message: 'is a body, and `body` is another: a request has one of them',
  })
  .transform(({ method, body = 0, text, ...rest }): HttpRequest => {
    const size = text === undefined ? body : Buffer.byteLength(text);
    return dropUndefined({ method: method ?? (size > 0 ? 'POST' : 'GET'), ...rest, body: size, text });
  });

const form = z
  .strictObject({
    arguments: argumentList.optional(),
    config: z.string().optional().describe('Written to {{config.path}} before the target is started.'),
    client: transport.optional().describe('What clients speak by default: tcp, tls, https, …'),
    upstream: z
      .union([z.literal('none'), transport])
      .optional()
      .describe(
        'What the upstream speaks; `none`: the target is a server by itself, as it is by default where clients speak http, gRPC or WebSocket.',
      ),
    request: z
      .union([z.string().min(1), httpSample], {
        error: 'must be text, such as "PING\\r\\n", or { method, path, headers, text } over http',
      })
      .optional()
      .describe(
        'What clients of a server ask it for (the step `ask`): GET / over http, a health check over gRPC, else nothing.',
      ),
  })
  .superRefine(({ client = PLAIN, upstream, request }, context) => {
    const issue = (message: string): void => {
      context.addIssue({ code: 'custom', path: ['request'], message });
    };
    if (request === undefined) return;
    if (!isServer(client, upstream))
      issue(
        'is for servers: say `upstream: none`, or leave it out, since scenarios say what proxies are asked for',
      );
    else if (speaksHttp(client) && typeof request === 'string')
      issue('must be { method, path, headers, text }: the clients of this route speak http');
    else if (!speaksHttp(client) && typeof request !== 'string')
      issue('must be text, such as "PING\\r\\n": the clients of this route do not speak http');
    else if (speaksH2(client) && typeof request !== 'string') {
      const header = fieldOfConnection(request.headers);
      if (header !== undefined) issue(`has the header \`${header}\`, which HTTP/2 does not have`);
    }
  });

/** Protocols of clients that are those of a server where no upstream is named: nobody tells what a proxy would pass their messages on as. */
const OF_SERVERS: readonly Protocol[] = ['http', 'h2', 'grpc', 'websocket', 'websocket-frames'];

/** Whether a route is a server: one of HTTP or WebSocket without an upstream is; everything else is a proxy unless it says otherwise. */
function isServer({ protocol }: Transport, upstream: 'none' | Transport | undefined): boolean {
  return upstream === 'none' || (upstream === undefined && OF_SERVERS.includes(protocol));
}

const route = z
  .union([argumentList.transform((list) => ({ arguments: list })), form], {
    error:
      'must be a list of arguments, or { arguments: [...], config: text, client: tls, upstream: tls, request: text }',
  })
  .transform((given): TargetRoute => {
    const { config, client = PLAIN, upstream, request }: Partial<z.output<typeof form>> = given;
    const alone = isServer(client, upstream);
    const sample = request ?? (alone ? usualSample(client) : undefined);
    return {
      arguments: given.arguments ?? [],
      ...(config === undefined ? {} : { config }),
      client,
      ...(alone || upstream === 'none' ? {} : { upstream: upstream ?? PLAIN }),
      ...(sample === undefined ? {} : { request: sample }),
    };
  });

/** Schema of a target file's routes: a list of names, or a map. */
export const routes = z
  .union([z.array(z.string()).min(1), z.record(z.string(), route)], {
    error: 'must be a list of names, or a map from each name to its arguments, or to what makes it up',
  })
  .transform((given) =>
    Array.isArray(given)
      ? Object.fromEntries(given.map((name): [string, TargetRoute] => [name, PLAIN_ROUTE]))
      : given,
  );
