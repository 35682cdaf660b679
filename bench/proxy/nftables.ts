import { execa } from 'execa';

import { compiled } from '../../shared/package-root.ts';
import type { Figure, Samples } from './figures.ts';

/** A process namespace too: whatever happens, nothing in it is left behind. */
const UNSHARE = [
  '--user',
  '--map-root-user',
  '--net',
  '--pid',
  '--fork',
  '--kill-child=KILL',
  '--mount-proc',
];

/** How fast the kernel moves bytes along a route, against a direct connection; where that is not possible a note says why. */
export async function kernelRoute(rounds: number, folder: string, notes: string[]): Promise<Figure[]> {
  const inside = [process.execPath, compiled('bench/proxy/namespace.js'), String(rounds), folder];
  const result = await execa(
    'unshare',
    [...UNSHARE, '--', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', ...inside],
    {
      reject: false,
      timeout: 60_000,
      // the administrator's programs are not on everybody's PATH
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    },
  );
  if (result.failed) {
    notes.push(`no figure of an nftables route here: ${result.stderr.slice(-300) || result.shortMessage}`);
    return [];
  }
  return [
    {
      title: 'nftables route, 4 connections',
      unit: 'MB/s',
      compared: 'ratio',
      against: 'direct',
      aim: { atLeast: 0.9 },
      samples: JSON.parse(result.stdout) as Samples,
    },
  ];
}
