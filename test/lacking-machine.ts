import path from 'node:path';

import { execa } from 'execa';

/** The command line as a shell has it, whatever the current folder. */
export const MAIN = `${process.execPath} ${path.resolve('dist/harness/cli/main.js')}`;

/** Runs a script as on another machine: in namespaces of its own, made with these flags of `unshare`. */
export async function inside(
  flags: string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number | undefined; all: string }> {
  const run = await execa('unshare', [...flags.split(' '), '--', '/bin/sh', '-c', script], {
    reject: false,
    all: true,
    // what this run must have is another matter
    env: { LASTFIN_REQUIRE_ALL: '', ...env },
  });
  return { exitCode: run.exitCode, all: run.all };
}

/** Lines of a shell that hide programs, wherever they are; in a mount namespace of its own. */
export function hide(...programs: readonly string[]): string {
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ];
  const files = folders
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) => programs.map((one) => path.join(folder, one)));
  return `for file in ${files.map((file) => `'${file}'`).join(' ')}; do [ ! -x "$file" ] || mount --bind /dev/null "$file"; done`;
}
