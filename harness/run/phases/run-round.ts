import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { starvedFor } from '../../../shared/starvation.ts';
import { Round } from '../../actors/round.ts';
import { type LookAtTarget, StepFailure } from '../../actors/round-services.ts';
import type { ServedRound } from '../../actors/upstream.ts';
import { bestFidelity } from '../../faults/fidelity.ts';
import { clientGroups } from '../../scenario/client-groups.ts';
import type { Case } from '../../scenario/case.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Step } from '../../scenario/step.ts';
import { AppliedFaults } from './applied-faults.ts';
import type { ContextBeforeBaseline } from '../case-context.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { advanceTarget } from './advance-target.ts';
import { FairClock, pidsOf } from './fair-clock.ts';
import { whyHeldBack } from '../held-back.ts';

/** Scripts and faults of one round: those of its case, or of a graceful exchange. */
export type RoundOptions = Pick<
  Case,
  'client' | 'clients' | 'upstream' | 'faults' | 'connections' | 'deadline'
> &
  Partial<Pick<Case, 'load'>> &
  Pick<ServedRound, 'grants'> & {
    /** 0 the warm-up, 1 the judged round, from 2 on those that confirm growth */
    number: number;
    /** reads the target's figures at a step `look`; absent in rounds whose figures are not judged */
    look?: LookAtTarget;
    /**
     * called with the reason where the target keeps connections from the upstream that a script or a fault waits for: such a fault is no
     * error of the lab then
     */
    onHeldBack?: (why: string) => void;
  };

/**
 * Runs one round: opens the connections, applies the faults at their triggers, runs all scripts to their end, heals.
 * Resolves with the time (`performance.now()`) of the last step, later by what healing took: taking a network apart is the harness's own work,
 * and a busy machine needs a second for it. What the connections were like stays in the actors.
 */
export async function runRound(context: ContextBeforeBaseline, options: RoundOptions): Promise<number> {
  const { lab, signal } = context;
  const abort = new AbortController();
  const onAbort = (): void => {
    abort.abort(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const round = newRound(context, options, abort.signal);
  const applied = new AppliedFaults(context, { round, faults: options.faults });
  let lastStep = 0;
  let healing = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      signal.throwIfAborted();
      abort.signal.addEventListener(
        'abort',
        () => {
          reject(abort.signal.reason as Error);
        },
        { once: true },
      );
      const { upstream: script, deadline, grants = false, load } = options;
      const anyBytes = clientGroups(options).some((group) => hasOwnBytes(group.script));
      lab.upstream.serve({ round, script, deadline, anyBytes, grants, load }, (error) => {
        abort.abort(error);
      });
      applied.onFailure = (error) => {
        abort.abort(error);
      };
      play(context, { ...options, round, applied }).then(resolve, reject);
    });
    lastStep = performance.now();
  } finally {
    signal.removeEventListener('abort', onAbort);
    // whatever happened, faults never outlive their round
    abort.abort(new Error('the round is over'));
    healing = performance.now();
    await applied.heal();
  }
  return lastStep + performance.now() - healing;
}

/** Runs a round of `count` graceful exchanges at once, without faults: before all of them, or after they have been healed. */
export async function runExchanges(
  context: ContextBeforeBaseline,
  { round, count, deadline }: { round: number; count: number; deadline: number },
): Promise<void> {
  await runRound(context, {
    ...context.lab.exchange,
    number: round,
    grants: true,
    faults: [],
    connections: { count, concurrent: count },
    deadline,
  });
}

/** The round's state, with the hands that its steps and triggers need. */
function newRound(context: ContextBeforeBaseline, options: RoundOptions, signal: AbortSignal): Round {
  const { lab } = context;
  const { number, connections, look } = options;
  return new Round(number, connections.count, {
    signal,
    readRecords: lab.readRecords,
    readConnecting: lab.readConnecting,
    advanceTarget: (ms, within) => advanceTarget(context, { round: number, ms, within }),
    isTransparent: lab.opaque === undefined,
    streamsAnswers: lab.streamsAnswers ?? false,
    lookAtTarget: (one) => look?.(one) ?? Promise.resolve(),
    onMissed: () => {
      const why = heldBackIn(context, options);
      if (why !== undefined) options.onHeldBack?.(why);
    },
    startClock: (limit) => new FairClock(performance.now(), limit, pidsOf(lab)),
  });
}

/** Applies the faults at their triggers while the scripts run, until all have ended. */
async function play(
  context: ContextBeforeBaseline,
  { round, applied, ...options }: RoundOptions & { round: Round; applied: AppliedFaults },
): Promise<void> {
  const { lab, recorder } = context;
  const { deadline } = options;
  const apply = (fault: Fault): Promise<void> => applied.apply(fault);
  const first = options.faults.filter((fault) => fault.when.at === 'connect');
  const later = options.faults.filter((fault) => fault.when.at !== 'connect');
  for (const fault of first) await apply(fault);
  if (later.length === 0) round.faulted = true;
  const missed: { fault: Fault; error: Error; heldBack: string | undefined }[] = [];
  const triggered = later.map(async (fault) => {
    try {
      await round.triggered(fault.when, deadline);
    } catch (failure) {
      if (!(failure instanceof StepFailure)) throw failure;
      const message = `the fault \`${fault.kind}\` was never applied: ${failure.message}`;
      const error = new LastfinError('LASTFIN_LAB', message, { facts: { fault } });
      // seen now: what waits for its turn comes later, when the scripts of others have given up
      missed.push({ fault, error, heldBack: heldBackIn(context, options) });
      return;
    }
    recorder.phase('fault', round.number);
    await apply(fault);
  });
  const faulted = Promise.all(triggered).then(() => {
    round.faulted = missed.length === 0;
    round.changed();
  });
  const clients = lab.client.run(round, clientGroups(options), {
    deadline,
    anyBytes: hasOwnBytes(options.upstream),
  });
  await Promise.all([clients, faulted, putLoad(context, { ...options, round })]);
  await lab.upstream.scriptsDone();
  // never a silent pass: a fault that was not applied proves nothing
  for (const { fault, error, heldBack } of missed) {
    if (targetFailed(lab, round.number))
      recorder.write({ type: 'fault', action: 'missed', fault, fidelity: bestFidelity(fault) });
    else if (heldBack === undefined) throw error;
    else options.onHeldBack?.(heldBack);
  }
}

/** Puts the load of the case on the target, if it has one; the journal tells what became of it in the judged round. */
async function putLoad(
  { lab, recorder }: ContextBeforeBaseline,
  { load, deadline, round }: Pick<RoundOptions, 'load' | 'deadline'> & { round: Round },
): Promise<void> {
  if (load === undefined) return;
  const pids = pidsOf(lab);
  const seen = await lab.client.load(load, {
    deadline,
    signal: round.signal,
    starved: () => pids.reduce((sum, pid) => sum + starvedFor(pid), 0),
    journalTime: (at) => recorder.at(at),
  });
  if (round.number === 1) recorder.write({ type: 'load', round: round.number, ...seen });
}

/** Whether a script sends bytes outside the pattern. */
const hasOwnBytes = (script: readonly Step[]): boolean =>
  script.some(
    (step) =>
      step.kind === 'raw' ||
      step.kind === 'hello' ||
      (step.kind === 'request' && step.request.text !== undefined) ||
      (step.kind === 'respond' && step.response.text !== undefined),
  );

/** Reason why what is waited for at the upstream has not come, if the target lets only few requests through at a time; undefined if nobody asks. */
function heldBackIn(
  { case: testCase, lab }: ContextBeforeBaseline,
  { number, onHeldBack }: RoundOptions,
): string | undefined {
  if (onHeldBack === undefined) return undefined;
  const clients = lab.client.ofRound(number).map((one) => one.describe());
  return whyHeldBack(testCase, clients, lab.upstream.ofRound(number).length);
}

/** Whether the target is what kept the moment of a fault from coming: it refused clients, ended them for no upstream, or failed a script. */
function targetFailed({ client, upstream }: CaseLab, round: number): boolean {
  const clients = client.ofRound(round).map((one) => one.describe());
  const upstreams = upstream.ofRound(round).map((one) => one.describe());
  const ended = clients.filter(({ seen }) => seen !== 'none').length;
  return (
    (ended > 0 && upstreams.length < clients.length) ||
    [...clients, ...upstreams].some(({ failure }) => failure !== undefined && failure.step !== 'wait')
  );
}
