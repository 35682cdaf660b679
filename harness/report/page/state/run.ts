import type { RunData, RunUpdate, UnderWay } from '../../html/run-data.ts';
import { worstFirst } from '../../html/worst-first.ts';
import { signal } from '../packages/signals.ts';
import { embeddedRun, isLive } from './source.ts';

/** Overview of the run; undefined until it is unpacked. */
export const run = signal<RunData | undefined>(undefined);

/** Reason why there is nothing to show. */
export const broken = signal<string | undefined>(undefined);

/** State of a run that goes on; undefined in a file. */
export const live = signal<'running' | 'ended' | 'stays' | 'lost' | undefined>(undefined);

/** Cases under way, with their phases. */
export const underWay = signal<readonly UnderWay[]>([]);

/** Loads the overview, or follows a run that goes on. */
export async function loadRun(): Promise<void> {
  if (isLive()) {
    follow();
    return;
  }
  try {
    run.value = await embeddedRun();
  } catch (error) {
    broken.value = error instanceof Error ? error.message : String(error);
  }
}

/** Takes over what the run says: all of it at first, then what changes. */
function follow(): void {
  live.value = 'running';
  const events = new EventSource('events');
  const on = (name: string, take: (data: unknown) => void): void => {
    events.addEventListener(name, ({ data }: MessageEvent<string>) => {
      take(JSON.parse(data));
    });
  };
  on('run', (data) => (run.value = data as RunData));
  on('update', (data) => (run.value = merged(run.value, data as RunUpdate)));
  on('under-way', (data) => (underWay.value = data as UnderWay[]));
  on('end', (data) => {
    live.value = (data as { stays: boolean }).stays ? 'stays' : 'ended';
    underWay.value = [];
    events.close();
  });
  events.addEventListener('error', () => {
    if (live.value !== 'running') return;
    live.value = 'lost';
    underWay.value = [];
    events.close();
  });
}

function merged(before: RunData | undefined, { run: now, rows, frames }: RunUpdate): RunData | undefined {
  if (before === undefined) return undefined;
  const all = new Map([...before.rows, ...rows].map((row) => [row.id, row]));
  return {
    ...before,
    run: now,
    rows: worstFirst([...all.values()]),
    frames: { ...before.frames, ...frames },
  };
}
