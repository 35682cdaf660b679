import type { FrameMistake } from '../../../scenario/protocols/ws-step.ts';
import {
  applyMask,
  formatFrame,
  formatFrameHead,
  newMask,
  OPCODES,
} from '../../../../shared/websocket/frame-format.ts';

/** Message whose payload follows. */
export type MessageShape = FrameMistake & { opcode: number; length: number; fragments: number };

/** Turns bytes into frames: those of the message that was announced, else each piece into a binary message of its own. */
export class FrameWriter {
  readonly #masks: boolean;
  /** frames of the announced message that have not begun */
  #coming: { opcode: number; length: number; isLast: boolean; mistake: FrameMistake }[] = [];
  /** bytes of the current frame that are still to come */
  #owed = 0;
  #mask: Buffer | undefined;
  #at = 0;

  /** @param masks whether frames are masked, as those of clients are */
  constructor(masks: boolean) {
    this.#masks = masks;
  }

  /** Whether a frame has begun whose payload is not complete: nothing can stand between. */
  get midway(): boolean {
    return this.#owed > 0;
  }

  /** Announces a message; the head of one without payload, to be written at once. */
  begin({ opcode, length, fragments, ...mistake }: MessageShape): Buffer | undefined {
    const size = Math.ceil(length / fragments);
    for (let at = 0; at < length || at === 0; at += Math.max(1, size)) {
      this.#coming.push({
        opcode: at === 0 ? opcode : OPCODES.continuation,
        length: Math.min(size, length - at),
        isLast: at + size >= length,
        mistake,
      });
    }
    return length === 0 ? this.#next(0) : undefined;
  }

  /** Frames for some bytes of payload. */
  frame(bytes: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      if (this.#owed === 0) parts.push(this.#next(bytes.length - at));
      const piece = bytes.subarray(at, at + this.#owed);
      parts.push(this.#mask === undefined ? piece : applyMask(piece, this.#mask, this.#at));
      this.#at += piece.length;
      this.#owed -= piece.length;
      at += piece.length;
    }
    return Buffer.concat(parts);
  }

  /** A control frame. */
  control(opcode: number, payload: Buffer, { masked = this.#masks, reserved = 0 }: FrameMistake): Buffer {
    return formatFrame(opcode, payload, { mask: masked ? newMask() : undefined, reserved });
  }

  /** Head of the next frame; one that was not announced is as long as `length`. */
  #next(length: number): Buffer {
    const frame = this.#coming.shift() ?? { opcode: OPCODES.binary, length, isLast: true, mistake: {} };
    const { masked = this.#masks, reserved = 0 } = frame.mistake;
    this.#mask = masked ? newMask() : undefined;
    this.#at = 0;
    this.#owed = frame.length;
    return formatFrameHead({ ...frame, reserved, mask: this.#mask });
  }
}
