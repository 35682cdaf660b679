/**
 * Finds file descriptors that were opened since the baseline, without those of known sockets.
 */
import type { Baseline } from './baseline.ts';
import { countByLink, kindOf, readDescriptors, type Descriptors } from '../base/descriptors.ts';
import { suspectFingerprint, type Found } from './found.ts';
import { originOfFile } from '../hooks/origins.ts';

export function findDescriptors(baseline: Baseline): Found[] {
  const found: Found[] = [];
  const now = readDescriptors();
  const before = countByLink(baseline.descriptors);
  for (const [link, fds] of groupByLink(now)) {
    if (kindOf(link) !== 'file') continue;
    const count = fds.length - (before.get(link) ?? 0);
    const fresh = fds.filter((fd) => baseline.descriptors.get(fd) !== link).slice(-count);
    if (count <= 0) continue;
    for (const fd of fresh) {
      const where = originOfFile(fd);
      found.push({
        suspect: {
          resource: 'descriptor',
          fingerprint: suspectFingerprint('descriptor', where.length > 0 ? 'file' : link, where),
          count: 1,
          rule: 'presence',
          where,
          sample: `descriptor ${fd} open on ${link}`,
        },
        causes: [],
      });
    }
  }
  return found;
}

function groupByLink(descriptors: Descriptors): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [fd, link] of descriptors) groups.set(link, [...(groups.get(link) ?? []), fd]);
  return groups;
}
