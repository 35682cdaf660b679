import { isUtf8 } from 'node:buffer';

import { applyMask, OPCODES } from './frame-format.ts';

/** Frame that breaks RFC 6455, with the code of the close frame that answers it. */
export class FrameInvalid extends Error {
  override readonly name = 'FrameInvalid';
  readonly code: number;

  constructor(message: string, code = 1002) {
    super(message);
    this.code = code;
  }
}

/** Message that has come whole. */
export type WholeMessage = { type: 'text' | 'binary'; bytes: number; text: string };

type On = {
  /** called with each piece of the payload of a message */
  data: (chunk: Buffer, isText: boolean) => void;
  message: (message: WholeMessage) => void;
  control: (type: 'close' | 'ping' | 'pong', payload: Buffer) => void;
};

type Head = { opcode: number; isLast: boolean; length: number; mask: Buffer | undefined };

/** Most bytes of a text that is kept, by default. */
const LONGEST_TEXT = 1024 * 1024;

const NAMES = new Map([
  [OPCODES.close as number, 'close' as const],
  [OPCODES.ping, 'ping' as const],
  [OPCODES.pong, 'pong' as const],
]);

/** Reads frames as strictly as RFC 6455 has it: a lenient reader would repair what a proxy has broken. */
export class FrameReader {
  readonly #on: On;
  /** whether the peer must mask, as a client, or must not */
  readonly #masked: boolean;
  readonly #longestText: number;
  #bytes = Buffer.alloc(0);
  #head: Head | undefined;
  /** bytes of the current frame that have come */
  #at = 0;
  #control: Buffer[] = [];
  /** message under way */
  #message: { type: 'text' | 'binary'; bytes: number; texts: Buffer[] } | undefined;

  /** @param longestText most bytes of a text that is kept and checked; a longer one is told with a part of it */
  constructor(masked: boolean, on: On, longestText = LONGEST_TEXT) {
    this.#masked = masked;
    this.#on = on;
    this.#longestText = longestText;
  }

  /** Whether a frame or a message has begun and is not complete. */
  get midway(): boolean {
    return this.#bytes.length > 0 || this.#head !== undefined || this.#message !== undefined;
  }

  /** @throws {FrameInvalid} for the first frame that is wrong */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#head === undefined) {
        this.#bytes = Buffer.concat([this.#bytes, rest]);
        const found = readHead(this.#bytes);
        if (found === undefined) return;
        rest = this.#bytes.subarray(found.size);
        this.#bytes = Buffer.alloc(0);
        this.#begin(found.head, found.reserved);
      } else rest = this.#payload(this.#head, rest);
    }
  }

  #begin(head: Head, reserved: number): void {
    const { opcode, isLast, length, mask } = head;
    if (reserved !== 0) throw new FrameInvalid(`reserved bits ${reserved}`);
    if ((mask !== undefined) !== this.#masked)
      throw new FrameInvalid(this.#masked ? 'a frame of a client is not masked' : 'a frame is masked');
    if (NAMES.has(opcode)) {
      if (!isLast || length > 125) throw new FrameInvalid('a control frame is cut, or too long');
    } else if (opcode === OPCODES.continuation) {
      if (this.#message === undefined) throw new FrameInvalid('a frame continues nothing');
    } else if (opcode === OPCODES.text || opcode === OPCODES.binary) {
      if (this.#message !== undefined) throw new FrameInvalid('a message begins within another');
      this.#message = { type: opcode === OPCODES.text ? 'text' : 'binary', bytes: 0, texts: [] };
    } else throw new FrameInvalid(`unknown opcode ${opcode}`);
    this.#head = head;
    this.#at = 0;
    if (length === 0) this.#complete(head);
  }

  /** Takes the payload's share of some bytes; the bytes behind it. */
  #payload(head: Head, bytes: Buffer): Buffer {
    const own = bytes.subarray(0, head.length - this.#at);
    const plain = head.mask === undefined ? own : applyMask(own, head.mask, this.#at);
    this.#at += own.length;
    if (NAMES.has(head.opcode)) this.#control.push(plain);
    else this.#data(plain);
    if (this.#at === head.length) this.#complete(head);
    return bytes.subarray(own.length);
  }

  #data(plain: Buffer): void {
    const message = this.#message;
    if (message === undefined) return;
    message.bytes += plain.length;
    const isText = message.type === 'text';
    if (isText && message.bytes <= this.#longestText) message.texts.push(plain);
    this.#on.data(plain, isText);
  }

  #complete({ opcode, isLast }: Head): void {
    this.#head = undefined;
    const control = NAMES.get(opcode);
    if (control !== undefined) {
      const payload = Buffer.concat(this.#control);
      this.#control = [];
      return this.#on.control(control, payload);
    }
    const message = this.#message;
    if (!isLast || message === undefined) return;
    this.#message = undefined;
    const text = Buffer.concat(message.texts);
    if (message.bytes <= this.#longestText && !isUtf8(text))
      throw new FrameInvalid('a text is no UTF-8', 1007);
    this.#on.message({ type: message.type, bytes: message.bytes, text: text.toString() });
  }
}

/** Head at the beginning of some bytes; undefined: more are needed. */
function readHead(bytes: Buffer): { head: Head; reserved: number; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const lengthSize = short < 126 ? 0 : short === 126 ? 2 : 8;
  const maskSize = second & 0x80 ? 4 : 0;
  const size = 2 + lengthSize + maskSize;
  if (bytes.length < size) return undefined;
  const length =
    lengthSize === 0 ? short : lengthSize === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if ((lengthSize === 2 && length < 126) || (lengthSize === 8 && length < 65_536))
    throw new FrameInvalid('a length is longer than it need be');
  if (!Number.isSafeInteger(length)) throw new FrameInvalid('a length is too great', 1009);
  const mask = maskSize === 0 ? undefined : Buffer.from(bytes.subarray(size - 4, size));
  const head = { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, length, mask };
  return { head, reserved: (first >> 4) & 7, size };
}
