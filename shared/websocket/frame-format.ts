import { randomBytes } from 'node:crypto';

/** Kinds of frames (RFC 6455, 5.2). */
export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Head of a frame that is to be written. */
export type FrameHead = {
  opcode: number;
  isLast: boolean;
  length: number;
  /** reserved bits, from 0 to 7 */
  reserved: number;
  /** absent: the payload is not masked */
  mask?: Buffer | undefined;
};

/** Key that the payload of a frame is masked with. */
export const newMask = (): Buffer => randomBytes(4);

/** Bytes of a head. */
export function formatFrameHead({ opcode, isLast, length, reserved, mask }: FrameHead): Buffer {
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const masked = mask === undefined ? 0 : 0x80;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  if (length < 126) head[1] = masked | length;
  else if (length < 65_536) {
    head[1] = masked | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = masked | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return mask === undefined ? head : Buffer.concat([head, mask]);
}

/** A masked copy of bytes that stand at `offset` of their frame, or the bytes of a masked copy. */
export function applyMask(bytes: Buffer, mask: Buffer, offset: number): Buffer {
  const result = Buffer.from(bytes);
  for (let at = 0; at < result.length; at++) result[at] = (result[at] ?? 0) ^ (mask[(offset + at) & 3] ?? 0);
  return result;
}

/** A whole message in one frame. */
export function formatFrame(
  opcode: number,
  payload: Buffer,
  { mask, reserved = 0 }: Partial<Pick<FrameHead, 'mask' | 'reserved'>>,
): Buffer {
  const head = formatFrameHead({ opcode, isLast: true, length: payload.length, reserved, mask });
  return Buffer.concat([head, mask === undefined ? payload : applyMask(payload, mask, 0)]);
}
