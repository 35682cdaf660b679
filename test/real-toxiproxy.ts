import { findRealToxiproxy } from '../harness/faults/toxiproxy-process.ts';

/** Path of the real server, as the harness finds it; undefined where there is none. */
export const realToxiproxy: string | undefined = findRealToxiproxy();
