/** Types of frames (RFC 9113, 6). */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
  altsvc: 10,
  origin: 12,
} as const;

/** Flags of frames; ACK has the value of END_STREAM. */
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** Bytes with which a client begins (RFC 9113, 3.4). */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Bytes of a frame's header. */
export const HEADER = 9;

/** Frame as it was read. */
export type Frame = { type: number; flags: number; stream: number; payload: Buffer };

/** Bytes of a frame. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** Whole frames at the beginning of some bytes. */
export function readFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const end = at + HEADER + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes[at + 3]!,
      flags: bytes[at + 4]!,
      stream: bytes.readUInt32BE(at + 5) & 0x7f_ff_ff_ff,
      payload: bytes.subarray(at + HEADER, end),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** Content of a DATA frame without its padding. */
export function contentOf({ flags, payload }: Frame): Buffer {
  if ((flags & FLAG.padded) === 0) return payload;
  return payload.subarray(1, Math.max(1, payload.length - payload[0]!));
}

/** Field of HPACK as a literal that is not indexed (RFC 7541, 6.2.2). */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length, 7), bytes]);
}

/** Integer of HPACK (RFC 7541, 5.1). @param bits of the first byte */
function integer(value: number, bits: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([value]);
  const bytes = [most];
  let left = value - most;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

/** Payload of four bytes. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Short text of some bytes for a finding. @param skip bytes before the first frame */
export function describeFrames(bytes: Buffer, skip = 0): string {
  const { frames, rest } = readFrames(bytes.subarray(skip));
  const lines = frames.map(({ type, flags, stream, payload }) => {
    const name = Object.entries(TYPE).find(([, number]) => number === type)?.[0] ?? String(type);
    const shown = JSON.stringify(payload.subarray(0, 120).toString('latin1'));
    return `${name} ${flags} of ${stream} (${payload.length}) ${shown}`;
  });
  const all = lines.length > 30 ? [...lines.slice(0, 20), '…', ...lines.slice(-10)] : lines;
  return `[${all.join('; ')}${rest.length > 0 ? `; and ${rest.length} bytes` : ''}]`;
}
