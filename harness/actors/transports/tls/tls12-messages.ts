/** Types of handshake messages (RFC 5246, 7.4). */
export const MESSAGE = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  serverHelloDone: 14,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** Only offered suite, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: the lab's certificate fits it. */
const SUITE = 0xc02b;
/** Curve secp256r1 (RFC 8422, 5.1.1), for the key exchange and for the certificate. */
const CURVE = 23;
const ECDSA_SHA256 = 0x0403;

export function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), withLength(3, body)]);
}

/** Parts with their total length in front, as a number of `size` bytes. */
function withLength(size: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(size);
  head.writeUIntBE(body.length, 0, size);
  return Buffer.concat([head, body]);
}

function uint16(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 0xff])));
}

/** @param verified the client's `verify_data` of the previous handshake (RFC 5746, 3.5); empty in the first */
export function clientHello(servername: string | false, random: Buffer, verified: Buffer): Buffer {
  const name = servername === false ? undefined : Buffer.from(servername);
  const extensions = [
    // server_name extension (RFC 6066, 3)
    ...(name ? [extension(0, withLength(2, Buffer.from([0]), withLength(2, name)))] : []),
    extension(10, withLength(2, uint16(CURVE))),
    extension(11, withLength(1, Buffer.from([0]))),
    extension(13, withLength(2, uint16(ECDSA_SHA256))),
    extension(0xff01, withLength(1, verified)),
  ];
  const session = Buffer.from([0]);
  const body = [
    uint16(0x0303),
    random,
    session,
    withLength(2, uint16(SUITE)),
    withLength(1, Buffer.from([0])),
  ];
  return message(MESSAGE.clientHello, Buffer.concat([...body, withLength(2, ...extensions)]));
}

const extension = (type: number, body: Buffer): Buffer => Buffer.concat([uint16(type), withLength(2, body)]);

/** Random of a ServerHello. */
export const serverRandomOf = (body: Buffer): Buffer => body.subarray(2, 34);

/** First certificate of a chain, in DER. */
export function leafOf(body: Buffer): Buffer {
  return body.subarray(6, 6 + body.readUIntBE(3, 3));
}

/** Reads a ServerKeyExchange: the point, the signed bytes, and the signature. */
export function keyExchangeOf(body: Buffer): { point: Buffer; signed: Buffer; signature: Buffer } {
  const end = 4 + body.readUInt8(3);
  return { point: body.subarray(4, end), signed: body.subarray(0, end), signature: body.subarray(end + 4) };
}

export const clientKeyExchange = (point: Buffer): Buffer =>
  message(MESSAGE.clientKeyExchange, withLength(1, point));
