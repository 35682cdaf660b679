/**
 * Kinds of thing that can leak, and of which a probe tells. `retained-socket`: destroyed but still reachable. `listener`: on an emitter
 * or EventTarget that lived before the traffic. `collection`: a Map, Set or Array that lived before the traffic and grew.
 * From `tcp` on they are the kernel's: a TCP connection, a child process, one that nobody has waited for, a thread, memory in KiB.
 */
export const RESOURCES = [
  'socket',
  'retained-socket',
  'server',
  'timer',
  'immediate',
  'listener',
  'collection',
  'child',
  'worker',
  'handle',
  'descriptor',
  'tcp',
  'process',
  'zombie',
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
  'fidelity',
  'drain',
  'crash',
  'no-exit',
  'obstruction',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];
