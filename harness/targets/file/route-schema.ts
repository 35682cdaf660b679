import * as z from '../../../shared/vendor/zod.ts';
import { bytes } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { type Transport, PLAIN, refineTransport, speaksH2, speaksHttp } from '../../scenario/transport.ts';
import { transportChange } from '../../scenario/schema/transport-schema.ts';
import { GET_ROOT, type SampleRequest } from '../../scenario/sample-request.ts';

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

const transport = transportChange.transform((change) => refineTransport(PLAIN, change));

const httpSample = z
  .strictObject({
    method: z
      .string()
      .regex(/^[A-Z]+$/, 'must be a method in capitals, such as POST')
      .optional(),
    // not `startsWith`: its JSON Schema has a format that validators do not know
    path: z.string().regex(/^\//, 'must begin with /').default('/'),
    headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
    body: bytes.default(0).describe('Patterned bytes.'),
  })
  .transform(({ method, ...rest }) => ({ method: method ?? (rest.body > 0 ? 'POST' : 'GET'), ...rest }));

const form = z
  .strictObject({
    arguments: argumentList.optional(),
    config: z.string().optional().describe('Written to {{config.path}} before the target is started.'),
    client: transport.optional().describe('What clients speak by default: tcp, tls, https, …'),
    upstream: z
      .union([z.literal('none'), transport])
      .optional()
      .describe(
        'What the upstream speaks; `none`: the target is a server by itself, as it is by default where clients speak http.',
      ),
    request: z
      .union([z.string().min(1), httpSample], {
        error: 'must be text, such as "PING\\r\\n", or { method, path, headers, body } over http',
      })
      .optional()
      .describe('What clients of a server ask it for (the step `ask`): GET / over http, else nothing.'),
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
      issue('must be { method, path, headers, body }: the clients of this route speak http');
    else if (!speaksHttp(client) && typeof request !== 'string')
      issue('must be text, such as "PING\\r\\n": the clients of this route do not speak http');
  });

/** Whether a route is a server: `http` and `https` without an upstream are; everything else is a proxy unless it says otherwise. */
function isServer(client: Transport, upstream: 'none' | Transport | undefined): boolean {
  const isUsual = client.protocol === 'http' || speaksH2(client);
  return upstream === 'none' || (upstream === undefined && isUsual);
}

const route = z
  .union([argumentList.transform((list) => ({ arguments: list })), form], {
    error:
      'must be a list of arguments, or { arguments: [...], config: text, client: tls, upstream: tls, request: text }',
  })
  .transform((given): TargetRoute => {
    const { config, client = PLAIN, upstream, request }: Partial<z.output<typeof form>> = given;
    const alone = isServer(client, upstream);
    const sample = request ?? (alone && speaksHttp(client) ? GET_ROOT : undefined);
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
