import type { RunData } from '../../html/run-data.ts';
import { signal } from '../packages/signals.ts';
import { isLive, source } from './source.ts';

/** Overview of the run; undefined until it is unpacked. */
export const run = signal<RunData | undefined>(undefined);

/** Reason why there is nothing to show. */
export const broken = signal<string | undefined>(undefined);

/** State of a run that goes on; undefined in a file. */
export const live = signal<'running' | 'ended' | 'lost' | undefined>(undefined);

/** Cases under way, with their phases. */
export const underWay = signal<readonly { id: string; phase?: string }[]>([]);

/** Loads the overview, and follows a run that goes on. */
export async function loadRun(): Promise<void> {
  try {
    if (isLive()) follow();
    run.value = await source().run();
  } catch (error) {
    broken.value = error instanceof Error ? error.message : String(error);
  }
}

/** Takes over what the run says: the overview whenever it has changed, at most a few times a second. */
function follow(): void {
  live.value = 'running';
  const events = new EventSource('events');
  events.addEventListener('run', (event: MessageEvent<string>) => {
    run.value = JSON.parse(event.data) as RunData;
  });
  events.addEventListener('under-way', (event: MessageEvent<string>) => {
    underWay.value = JSON.parse(event.data) as { id: string; phase?: string }[];
  });
  events.addEventListener('end', () => {
    live.value = 'ended';
    underWay.value = [];
    events.close();
  });
  events.addEventListener('error', () => {
    if (live.value !== 'running') return;
    live.value = 'lost';
    events.close();
  });
}
