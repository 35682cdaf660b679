/** Bytes before each message: whether it is compressed, and its length. */
const PREFIX = 5;

/** Bytes that stand before a message of this length. */
export function grpcPrefix(length: number): Buffer {
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** Whether a message of HTTP carries those of gRPC, by its content-type. */
export const isGrpc = (contentType: unknown): boolean => String(contentType).startsWith('application/grpc');

/** Takes the prefixes of gRPC messages out of a body. */
export class GrpcReader {
  readonly #on: { data: (chunk: Buffer) => void; message: (bytes: number) => void };
  #prefix = Buffer.alloc(0);
  #length = 0;
  #remaining = 0;

  constructor(on: { data: (chunk: Buffer) => void; message: (bytes: number) => void }) {
    this.#on = on;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#remaining === 0) rest = this.#begin(rest);
      else {
        const own = rest.subarray(0, this.#remaining);
        rest = rest.subarray(own.length);
        this.#remaining -= own.length;
        this.#on.data(own);
        if (this.#remaining === 0) this.#on.message(this.#length);
      }
    }
  }

  /** Reads a prefix, or a part of one; the bytes behind it. */
  #begin(bytes: Buffer): Buffer {
    const missing = PREFIX - this.#prefix.length;
    this.#prefix = Buffer.concat([this.#prefix, bytes.subarray(0, missing)]);
    if (this.#prefix.length === PREFIX) {
      this.#length = this.#prefix.readUInt32BE(1);
      this.#remaining = this.#length;
      this.#prefix = Buffer.alloc(0);
      if (this.#length === 0) this.#on.message(0);
    }
    return bytes.subarray(missing);
  }
}
