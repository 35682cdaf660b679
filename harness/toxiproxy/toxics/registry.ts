import { bandwidth } from './bandwidth.ts';
import { idleReset } from './idle-reset.ts';
import { latency } from './latency.ts';
import { limitData } from './limit-data.ts';
import { noop } from './noop.ts';
import { resetPeer } from './reset-peer.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { timeout } from './timeout.ts';
import type { ToxicKind } from './toxic-kind.ts';

/** Every type of toxic by the name the API knows it by. */
export const TOXIC_KINDS: ReadonlyMap<string, ToxicKind> = new Map(
  [latency, bandwidth, slowClose, timeout, slicer, limitData, resetPeer, noop].map((kind) => [
    kind.type,
    kind,
  ]),
);

/** Types that are known only with `--extensions`. */
export const EXTENSION_KINDS: ReadonlyMap<string, ToxicKind> = new Map([[idleReset.type, idleReset]]);
