import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { execa } from 'execa';

/** A folder in which the packed package is installed, or why it cannot be. */
export type Installed = { folder: string; obstacle?: string; done: () => Promise<void> };

/** Packs the package as it would be published and installs it into an empty folder, from npm's cache where that has what it needs. */
export async function install(): Promise<Installed> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-package-'));
  const done = (): Promise<void> => rm(folder, { recursive: true, force: true });
  // built already, before the first test
  const packed = await execa('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    reject: false,
  });
  if (packed.exitCode !== 0) throw new Error(`npm pack failed:\n${packed.stderr}`);
  const tarball = path.join(folder, packed.stdout.trim().split('\n').at(-1) ?? '');
  const app = path.join(folder, 'app');
  await mkdir(app);
  await writeFile(
    path.join(app, 'package.json'),
    '{ "name": "my-proxy", "private": true, "main": "my-proxy.js" }',
  );
  const installed = await execa(
    'npm',
    ['install', '--save-dev', '--prefer-offline', '--no-audit', '--no-fund', tarball],
    { cwd: app, reject: false, timeout: 60_000 },
  );
  if (installed.exitCode === 0) return { folder: app, done };
  const why =
    installed.stderr.split('\n').find((line) => line.includes('npm error')) ?? installed.shortMessage;
  return { folder: app, obstacle: `the package cannot be installed here: ${why ?? 'npm failed'}`, done };
}
