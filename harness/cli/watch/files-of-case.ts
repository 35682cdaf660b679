import { statSync } from 'node:fs';
import path from 'node:path';

import { PACKAGE_ROOT } from '../../../shared/package-root.ts';
import type { ChosenCase } from '../../suite/chosen-case.ts';
import type { Target } from '../../targets/file/target.ts';

/** Files that a case reads, and folders whose every file may be part of its program. */
export type CaseFiles = { files: string[]; folders: string[] };

/** Scenario file, target file, and the folders of the files that the target's command names. */
export function filesOfCase({ testCase, target: chosen }: ChosenCase): CaseFiles {
  const target = chosen as Target;
  const files = [testCase.source.file, target.source.file].map((file) => path.resolve(file));
  const programs = target.command.flatMap((word) => {
    const file = path.resolve(filled(word, target.places));
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? [file] : [];
  });
  // lastfin itself and installed programs do not change while one works on a program
  const own = programs.filter(
    (file) => !isBelow(file, path.join(PACKAGE_ROOT, 'dist')) && !isInstalled(file),
  );
  return { files, folders: [...new Set(own.map((file) => path.dirname(file)))] };
}

/** Whether a change of a file concerns a case. */
export function concerns({ files, folders }: CaseFiles, changed: string): boolean {
  return files.includes(changed) || folders.some((folder) => isBelow(changed, folder));
}

function filled(word: string, { here, root, lastfin }: Target['places']): string {
  return word.replaceAll('{{here}}', here).replaceAll('{{root}}', root).replaceAll('{{lastfin}}', lastfin);
}

/** Whether a file changes by installing only. */
export function isInstalled(file: string): boolean {
  return file.includes(`${path.sep}node_modules${path.sep}`) || /^\/(?:usr|bin|opt)\//.test(file);
}

/** Whether a path is a folder or something in it. */
export function isBelow(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}
