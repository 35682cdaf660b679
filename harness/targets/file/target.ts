import type { SourcePosition } from '../../../shared/yaml-file/source-position.ts';
import type { CheckedTarget } from './target-schema.ts';

/** A loaded target file, every default filled in. */
export type Target = CheckedTarget & {
  name: string;
  source: SourcePosition;
  /** what `{{here}}`, `{{root}}` and `{{lastfin}}` stand for: folders of the file, of its package, and of lastfin */
  places: { here: string; root: string; lastfin: string };
  /** of the running process to look at instead of starting one */
  pid?: number;
};
