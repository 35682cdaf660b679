import { setFlagsFromString } from 'node:v8';

/**
 * Old garbage (percent of what lives) that a full collection waits for. V8 itself chooses up to 300, but nearly nothing for a
 * program that allocates buffers only, as these are no work of its own.
 */
const OLD_GARBAGE = 400;

/** Below 32 MiB, the largest block by which glibc still learns (`DEFAULT_MMAP_THRESHOLD_MAX`). */
const LARGE_BLOCK = 31 * 1024 * 1024;

/**
 * Fits the process to `pipe()`, which has a new buffer of 64 KiB for each read of a client: 16,000 a GB. Without it V8 marks the
 * whole heap 40 times a GB to get them back, and glibc returns their pages to the kernel each time to ask for them again.
 * For a process that is a proxy and nothing else; costs it up to 62 MiB of pages that are kept, and nothing before they are used.
 */
export function fitProcessToPipes(): void {
  setFlagsFromString(`--heap-growing-percent=${OLD_GARBAGE}`);
  // never touched; when it is freed, glibc keeps twice its size (mallopt(3), M_MMAP_THRESHOLD); elsewhere it does nothing
  Buffer.allocUnsafeSlow(LARGE_BLOCK);
}
