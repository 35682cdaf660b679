import type { SourcePosition } from '../../../shared/yaml-file/source-position.ts';
import type { CheckedTarget } from './target-schema.ts';

/** Loaded target file with all defaults filled in. */
export type Target = CheckedTarget & {
  name: string;
  source: SourcePosition;
  /** folders for `{{here}}`, `{{root}}` and `{{lastfin}}`: of the file, of its package, and of lastfin */
  places: { here: string; root: string; lastfin: string };
  /** id of the running process to attach to instead of starting one */
  pid?: number;
};
