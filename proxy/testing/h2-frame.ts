/** HTTP/2 frame (RFC 9113, 4.1): types are 0 DATA, 1 HEADERS, 3 RST_STREAM, 4 SETTINGS, 6 PING, 7 GOAWAY, 8 WINDOW_UPDATE, 9 CONTINUATION. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Field in HPACK's literal form without indexing, with a new name (RFC 7541, 6.2.2); both up to 126 bytes. */
export function literal(name: string, value: string): Buffer {
  const text = (part: string): Buffer[] => [Buffer.from([part.length]), Buffer.from(part)];
  return Buffer.concat([Buffer.from([0]), ...text(name), ...text(value)]);
}
