import { setFlagsFromString } from 'node:v8';

/**
 * Garbage in the old generation, in percent of live data, that triggers a full collection. V8 itself allows up to 300, but almost
 * none in a program that allocates only buffers, since they are not part of its own heap.
 */
const OLD_GARBAGE = 400;

/** Size below 32 MiB, the largest block that raises glibc's mmap threshold (`DEFAULT_MMAP_THRESHOLD_MAX`). */
const LARGE_BLOCK = 31 * 1024 * 1024;

/**
 * Tunes V8 and glibc for `pipe()`, which allocates 64 KiB for each read of a client: 16,000 buffers a GB. Untuned, V8 marks the
 * whole heap 40 times a GB to free them, and glibc returns their pages to the kernel each time, only to ask for them again.
 * Suits a process that is a proxy and nothing else; it keeps up to 62 MiB of pages once they have been used.
 */
export function fitProcessToPipes(): void {
  setFlagsFromString(`--heap-growing-percent=${OLD_GARBAGE}`);
  // V8 takes a busy proxy's connections for objects that live long and makes parts of new ones old at once: they keep the rest alive
  setFlagsFromString('--no-allocation-site-pretenuring');
  // never used: when it is freed, glibc raises its mmap threshold (mallopt(3), M_MMAP_THRESHOLD); without glibc it has no effect
  Buffer.allocUnsafeSlow(LARGE_BLOCK);
}
