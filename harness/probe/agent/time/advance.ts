/**
 * Advances hours in seconds: fires the timers of this process in the order of their deadlines, and shifts the clocks along. Sockets stay
 * real, so the program stops here whenever it has touched the network: the harness, in which the peers live, answers in real time and
 * then continues the advance.
 */
import { createHook } from 'node:async_hooks';
import { takeCensus, type TimerLike } from '../census/census.ts';
import {
  areClocksReplaced,
  clockOffset,
  machineNow,
  replaceClocks,
  shiftClocks,
  shiftedNow,
} from './clocks.ts';
import { Inspection, turn } from '../base/inspection.ts';
import { nameUnshifted } from './unshifted.ts';
import { keepOut } from '../base/own.ts';
import type { Advanced } from '../../protocol.ts';
import { isWaiting, Schedule } from './schedule.ts';

/** Time (ms) without anything from the network after which the advance continues. */
const QUIET = 3;
/** Longest wait (ms) for the network to fall silent: endless traffic must not stop the time. */
const LONGEST_WAIT = 100;
/** Time (ms) after which the harness is asked whether to continue. */
const SLICE = 500;
/** Most turns of the loop in which Node fires what is due. */
const MOST_TURNS = 1000;

const realTimeout = setTimeout;
const IO = /WRAP$|^FSREQ|REQ/;

type Passage = {
  schedule: Schedule;
  hook: ReturnType<typeof createHook>;
  end: number;
  step: number;
  fired: number;
  steps: number;
  touched: boolean;
  notShifted: string[];
};

let passage: Passage | undefined;

/**
 * Begins to advance by `ms`, or continues.
 *
 * @param late replaces the clocks if need be; a program that keeps one of their functions in a variable does not notice. 0 ms end the advance
 */
export async function advance(ms: number, late = false): Promise<Advanced> {
  if (late && !areClocksReplaced()) replaceClocks();
  if (!areClocksReplaced()) throw new Error('time was not asked to pass before the program started');
  if (passage !== undefined && late && ms === 0) passage.end = passage.step;
  passage ??= await begin(ms);
  const now = passage;
  const sliceEnds = machineNow() + SLICE;
  await quiet(now);
  now.touched = false;
  now.schedule.update(now.step);
  while (!now.touched && machineNow() < sliceEnds) {
    const next = now.schedule.next();
    if (next > now.end) return finish(now);
    await pass(now, next);
  }
  return answer(now, false);
}

async function begin(ms: number): Promise<Passage> {
  const inspection = new Inspection();
  try {
    const census = takeCensus(inspection);
    const notShifted = nameUnshifted(census);
    await turn();
    const schedule = new Schedule(census.timers);
    const step = shiftedNow();
    const hook = createHook({
      init(_id, type, _trigger, resource) {
        if (type === 'Timeout') fresh.push(resource as TimerLike);
        else if (passage && IO.test(type)) passage.touched = true;
      },
    });
    fresh.length = 0;
    hook.enable();
    return { schedule, hook, end: step + ms, step, fired: 0, steps: 0, touched: false, notShifted };
  } finally {
    inspection.close();
  }
}

/** Timers created since the last step. */
const fresh = keepOut<TimerLike[]>([]);

async function pass(now: Passage, deadline: number): Promise<void> {
  shiftClocks(deadline - machineNow());
  now.step = Math.max(deadline, shiftedNow());
  const due = now.schedule.fire(deadline);
  for (let turns = 0; turns < MOST_TURNS && due.some(isWaiting); turns++) await turn();
  // work that the callbacks deferred to the next tick or turn belongs to this moment
  await turn();
  now.steps++;
  now.fired += due.length;
  takeIn(now);
}

function takeIn(now: Passage): void {
  for (const timer of fresh.splice(0)) now.schedule.add(timer);
  now.schedule.update(now.step);
}

function finish(now: Passage): Advanced {
  passage = undefined;
  now.hook.disable();
  shiftClocks(now.end - machineNow());
  takeIn(now);
  now.schedule.leave(now.end);
  return answer(now, true);
}

function answer({ end, steps, fired, step, notShifted }: Passage, done: boolean): Advanced {
  return { done, left: done ? 0 : Math.max(0, end - step), steps, fired, notShifted };
}

/** Waits, in real time, until nothing more arrives. */
async function quiet(now: Passage): Promise<void> {
  const begun = machineNow();
  const offset = clockOffset();
  let since = begun;
  let events = eventsSeen();
  while (machineNow() - since < QUIET && machineNow() - begun < LONGEST_WAIT) {
    now.touched = false;
    await pause();
    const seen = eventsSeen();
    if (now.touched || seen !== events) since = machineNow();
    events = seen;
  }
  for (const timer of fresh.splice(0)) now.schedule.add(timer);
  now.step = Math.max(now.step, machineNow() + offset);
}

/** Number of events that the loop has read from the kernel so far. */
function eventsSeen(): number {
  const { nodeTiming } = performance as unknown as { nodeTiming: { uvMetricsInfo?: { events: number } } };
  return nodeTiming.uvMetricsInfo?.events ?? 0;
}

function pause(): Promise<void> {
  return new Promise((resolve) => keepOut(realTimeout(resolve, 1)));
}
