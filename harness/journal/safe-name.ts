import { createHash } from 'node:crypto';

const LONGEST = 100;

/**
 * A file name for any text: readable, inside its folder, and its own (a digest tells apart what reads the same).
 *
 * @example
 * safeName('faults/client-reset[phase=idle]'); // 'faults_client-reset_phase=idle-bd166ee8'
 */
export function safeName(text: string): string {
  const readable = text
    .replaceAll(/[^\w.,=-]+/g, '_')
    .replaceAll(/\.{2,}/g, '_')
    .replace(/^[._-]+/, '')
    .slice(0, LONGEST)
    .replace(/[._-]+$/, '');
  return `${readable === '' ? 'case' : readable}-${digest(text)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
