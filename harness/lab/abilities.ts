import { inNamespace } from './namespace.ts';
import { compiled } from './package-root.ts';
import { runTool } from './system-tool.ts';

/** One thing that a machine can do, or not. */
export type Ability = {
  what: string;
  works: boolean;
  /** what was seen, or why not */
  says: string;
  /** what to change where it does not work */
  mend: string;
};

/** Tries out in a namespace all that faults use. Rejects with `LASTFIN_LAB` where none can be entered. */
export async function abilities(): Promise<Ability[]> {
  const script = compiled('harness/lab/examine-main.js');
  return JSON.parse(await runTool(inNamespace([process.execPath, script]))) as Ability[];
}
