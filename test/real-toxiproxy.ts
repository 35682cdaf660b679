import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const candidates = [
  process.env['LASTFIN_TOXIPROXY_BIN'] ?? '',
  ...(process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'toxiproxy-server')),
];

/** Path of the real server, as the tests find it; undefined where there is none. */
export const realToxiproxy: string | undefined = candidates.find((file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});
