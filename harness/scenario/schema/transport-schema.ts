import { dropUndefined } from '../../../shared/drop-undefined.ts';
import * as z from '../../../shared/vendor/zod.ts';
import {
  type TransportChange,
  type TransportWord,
  TRANSPORT_WORDS,
  askedBy,
  PROTOCOLS,
  SHOWN_CERTIFICATES,
  type Protocol,
  type ProxyHeader,
  type TlsOptions,
} from '../transport.ts';

const headerVersion = z.enum(['v1', 'v2']);

const header = z.union([
  z.literal(false),
  headerVersion.transform((version) => ({ version })),
  z
    .strictObject({
      version: headerVersion.default('v2'),
      source: z.union([z.ipv4(), z.ipv6()]).optional().describe('By default the client’s own address.'),
      anonymous: z.boolean().optional().describe('UNKNOWN, or LOCAL in version 2: it announces nobody.'),
      tlv: z.int().min(3).max(1000).optional().describe('Bytes of additional fields; version 2 only.'),
    })
    .transform((given): ProxyHeader => dropUndefined(given) as ProxyHeader),
]);

const tls = z.union([
  z.boolean(),
  z.strictObject({
    servername: z
      .union([z.string().min(1), z.literal(false)])
      .optional()
      .describe('SNI; false: none.'),
    alpn: z.array(z.string().min(1)).min(1).optional(),
    version: z.enum(['1.2', '1.3']).optional(),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe(
        'In a target file: PEM file, from there, of the certificates that clients trust; by default the lab’s.',
      ),
    certificate: z
      .enum(SHOWN_CERTIFICATES)
      .optional()
      .describe(
        'What this side shows: the lab’s certificate, none, or one that is wrong. By default an upstream shows the lab’s, a client none.',
      ),
    clientCertificate: z
      .literal('required')
      .optional()
      .describe('Upstream: it accepts only a target with a certificate that the lab trusts.'),
    resume: z
      .boolean()
      .optional()
      .describe('Client: it offers the session of an earlier connection of the case.'),
    stall: z
      .union([z.literal(1), z.literal(2)])
      .optional()
      .describe('This side says nothing from this flight of its handshake on; the first is its hello.'),
    pieces: z.int().min(1).optional().describe('The ClientHello is cut into writes of this many bytes.'),
    records: z
      .int()
      .min(1)
      .optional()
      .describe('The ClientHello is cut into TLS records of this many bytes.'),
  }),
]);

const answer = z
  .union([z.literal('never'), z.int().min(1).max(599)], {
    error: 'must be `never`, the status of a refusal (connect), or the number of a SOCKS5 reply',
  })
  .describe('How an upstream that is a forward proxy refuses: with this status or reply, or `never` at all.');

const OF_REQUESTS = 'is for requests: say `protocol: http`, `h2`, `websocket` or another over HTTP beside it';

/** Refuses a path and fields of a protocol in which nothing is asked for. */
export function refuseUnasked(
  protocol: Protocol,
  { path, headers }: Pick<TransportChange, 'path' | 'headers'>,
  context: z.core.$RefinementCtx,
): void {
  if (askedBy({ protocol }) !== undefined) return;
  for (const [name, value] of Object.entries({ path, headers }))
    if (value !== undefined) context.addIssue({ code: 'custom', path: [name], message: OF_REQUESTS });
}

/** Fields that clients write by themselves (RFC 9110, 7.6.1; RFC 6455, 4.1). */
const WRITTEN_HERE =
  /^(?:connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|content-length|upgrade|sec-websocket-(?:key|version|extensions))$/;

const requestField = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'must be the name of a header field')
  .toLowerCase()
  .refine((name) => !WRITTEN_HERE.test(name), 'is a field that clients write by themselves');

const words = Object.keys(TRANSPORT_WORDS) as [TransportWord, ...TransportWord[]];

/** Schema of a transport: a word (`tls`, `https`), or changes of the route's transport. */
export const transportChange = z
  .union(
    [
      z.enum(words),
      z
        .strictObject({
          header,
          tls,
          protocol: z.enum(PROTOCOLS),
          http2: z.boolean().describe('WebSocket on a stream of HTTP/2 (RFC 8441), not by an upgrade.'),
          connectProtocol: z
            .boolean()
            .describe('`false`: an upstream over HTTP/2 does not announce that it takes WebSockets.'),
          answer,
          eager: z.boolean(),
          path: z
            .string()
            .regex(/^\/[\x21-\x7e]*$/, 'must begin with / and have no blanks')
            .describe(
              'Beginning of the path of each HTTP request, or path that the handshake of a WebSocket asks for.',
            ),
          headers: z
            .record(requestField, z.union([z.string(), z.number()]).transform(String))
            .describe(
              'Fields of these requests, such as host, cookie, authorization or sec-websocket-protocol.',
            ),
        })
        .partial()
        .superRefine(({ protocol, path, headers }, context) => {
          // without one it is the route's
          if (protocol !== undefined) refuseUnasked(protocol, dropUndefined({ path, headers }), context);
        }),
    ],
    {
      error: `must be one of ${words.join(', ')}, or a map of header, tls, protocol, http2, connectProtocol, answer, eager, path and headers`,
    },
  )
  .transform((given): TransportWord | TransportChange =>
    typeof given === 'string' ? given : dropUndefined({ ...given, tls: withoutHoles(given.tls) }),
  );

const withoutHoles = (given: z.output<typeof tls> | undefined): boolean | Partial<TlsOptions> | undefined =>
  typeof given === 'object' ? dropUndefined(given) : given;
