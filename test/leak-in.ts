import { readFileSync } from 'node:fs';

/** Position that a finding must name: the line of a program with the comment `// leak: …`. */
export function leakIn(file: string): { file: string; line: number } {
  const lines = readFileSync(file, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('// leak: ')) + 1;
  return { file, line };
}
