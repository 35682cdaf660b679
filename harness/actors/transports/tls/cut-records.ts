/** Length of a record's header (RFC 8446, 5.1): type, version and length of the body. */
export const RECORD_HEADER = 5;

/** Cuts bytes of a TLS connection into whole records, and the beginning of one that is not there yet. */
export function cutRecords(bytes: Buffer): { records: Buffer[]; rest: Buffer } {
  const records: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= RECORD_HEADER) {
    const end = at + RECORD_HEADER + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) break;
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return { records, rest: bytes.subarray(at) };
}
