/**
 * Kinds of thing that can leak, and of which a probe tells. `stream`: of HTTP/2, opened by the target. `retained-socket`: destroyed but still reachable. `listener`: on an emitter
 * or EventTarget that lived before the traffic. `collection`: a Map, Set or Array that lived before the traffic and grew.
 * In this order, by which findings are sorted: holders come before the things that they hold. From `tcp` on they are the kernel's: a TCP connection, a descriptor, a
 * child process that nobody has waited for, one that runs, a thread, memory in KiB.
 */
export const RESOURCES = [
  'server',
  'socket',
  'stream',
  'timer',
  'immediate',
  'child',
  'worker',
  'handle',
  'listener',
  'collection',
  'retained-socket',
  'tcp',
  'descriptor',
  'zombie',
  'process',
  'thread',
  'memory',
] as const;

export type Resource = (typeof RESOURCES)[number];

/** Resources that a leak can be of, including those known only by count: what a target publishes, and what its event loop holds. */
export const LEAK_RESOURCES = [...RESOURCES, 'record', 'active-resource'] as const;

export type LeakResource = (typeof LEAK_RESOURCES)[number];

/** Kinds of finding, as reports and target files name them. */
export const FINDING_KINDS = [
  'leak',
  'termination',
  'seen',
  'invariant',
  'step',
  'recovery',
  'load',
  'fidelity',
  'drain',
  'crash',
  'no-exit',
  'obstruction',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];
