import { spawn } from 'node:child_process';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { compiled } from '../../shared/package-root.ts';

/** A case as `lastfin list --json` prints it, as far as it matters here. */
export type Listed = {
  id: string;
  source: { file: string };
  connections: number;
  faults: readonly unknown[];
  settings: Record<string, unknown>;
  route: string;
  upstream: readonly unknown[];
  /** `contract`: only holds for the reference proxy */
  kind?: string;
};

/** Properties of the target that matter for the choice. */
export type Offered = { routes: readonly string[]; upstream: boolean };

/** Short cases that tell much, the best first, for each protocol. */
const TELLING = [
  'faults/client-reset[phase=idle]',
  'lifecycle/close-unused[by=client]',
  'faults/upstream-refused',
  'http/client-resets[phase=silent]',
  'http/client-resets[phase=download]',
  'http/keep-alive',
  'http/no-upstream',
];

/** Three cases to begin with: the project's own first scenario, and two of the suite that need nothing special. */
export function pickCases(cases: readonly Listed[], own: string, { routes, upstream }: Offered): string[] {
  const plain = cases.filter(
    (one) =>
      one.kind !== 'contract' &&
      Object.keys(one.settings).length === 0 &&
      routes.includes(one.route) &&
      // a server has no upstream: faults of one do not concern it
      (upstream || (one.upstream.length === 0 && one.faults.length === 0)),
  );
  const first = cases.filter(({ source }) => path.resolve(source.file) === path.resolve(own));
  const telling = TELLING.flatMap((id) => plain.filter((one) => one.id === id));
  const simple = plain.filter(({ faults, connections }) => faults.length === 0 && connections <= 50);
  return [...new Set([...first.slice(0, 1), ...telling, ...simple].map(({ id }) => id))].slice(0, 3);
}

/**
 * Chooses three cases for the target of a folder, from those that `lastfin list` prints for it.
 * Rejects with the error of that command.
 */
export async function chooseCases(
  folder: string,
  own: string,
  offered: Offered,
  signal: AbortSignal,
): Promise<string[]> {
  const args = [compiled('harness/cli/main.js'), 'list', '--json'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new LastfinError('LASTFIN_USAGE', `the written files are not right:\n${stderr.trim()}`);
  const cases = stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Listed] : []));
  return pickCases(cases, path.join(folder, own), offered);
}
