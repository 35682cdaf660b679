import { HEAP_FINGERPRINT, type Report, type Suspect } from '../probe/protocol.ts';
import type { Case } from '../scenario/case.ts';
import { stopsTarget } from '../scenario/case-traits.ts';
import type { Target } from '../targets/file/target.ts';
import { transportsOf } from './admission/transport-gap.ts';
import type { CaseContext, ContextBeforeBaseline } from './case-context.ts';
import type { CaseLab } from './case-lab/case-lab.ts';
import { mustBeTrusted } from './distrust.ts';
import { keepHeap } from './evidence/keep-heap.ts';
import { growing, hasSockets } from './growth/growth.ts';
import { whyNotAskedAgain } from './last-answers.ts';
import { cannotBeTold, opaqueness } from './opaque.ts';
import { lastStatuses, whyRefused } from './refused-requests.ts';
import { streamsAnswers, WHOLE_ANSWERS, whyNotBehindStream } from './streamed-answers.ts';
import { mustServe } from './unserved.ts';
import { confirm } from './phases/confirm.ts';
import { untilPublished } from './phases/look-at-target.ts';
import { noteLives } from './phases/note-lives.ts';
import { recover } from './phases/recover.ts';
import { runRound, type RoundOptions } from './phases/run-round.ts';
import { afterSettled, settle, type Settled } from './phases/settle.ts';
import { warmUp } from './phases/warm-up.ts';
import { noteConnections, noteSettled, noteUnknown } from './phases/write-observations.ts';

/** Runs the phases from the warm-up to the release. */
export async function judgedPhases(
  before: ContextBeforeBaseline,
  { target }: { target: Target },
): Promise<void> {
  const { recorder, lab } = before;
  const baseline = await warmUp(before);
  const { isSkipped, ...seen } = seenInWarmUp(before, target);
  if (isSkipped) return;
  const context: CaseContext = { ...before, baseline, lab: { ...lab, ...seen } };
  let heldBack: string | undefined;
  const onHeldBack = (why: string): void => {
    heldBack ??= why;
  };
  // whoever promises what the reference proxy does lets all requests through
  const lastStep = await judgedRound(context, target.contract ? {} : { onHeldBack });
  const reason = heldBack ?? whyNotAskedAgain(context.case, target, lab.client.ofRound(1));
  if (reason !== undefined) {
    recorder.write({ type: 'skipped', reason });
    return;
  }
  // a target that was told to stop is gone: the stop phase says what became of it
  if (stopsTarget(context.case)) return;

  const settled = await settleAfter(context, lastStep);
  await noteLives(context);
  const { report } = settled;
  let clean = settled.drained;
  if (needsConfirmation(report))
    clean = !(await confirm(afterSettled(context, settled), { nameless: report })) && clean;
  else noteUnknown(context, { report, why: 'sockets were left open' });
  const { recovery } = context.case.expect;
  if (recovery !== undefined) await recover(context, { count: recovery });
  if (!clean) await keepHeap(context);
  recorder.phase('release', 1);
  lab.client.release();
  lab.upstream.release();
  if (clean) return;
  const released = await settle(context, { since: performance.now() });
  noteSettled(context, { at: 'released', round: 1, settled: released });
}

/** Tells from the connections of the warm-up how the target treats bytes and answers, and whether the case can be run on such a target. */
function seenInWarmUp(
  { case: testCase, lab, recorder }: ContextBeforeBaseline,
  target: Target,
): Pick<CaseLab, 'opaque' | 'streamsAnswers'> & { isSkipped: boolean } {
  const clients = lab.client.ofRound(0);
  const seen = [...clients, ...lab.upstream.ofRound(0)].map((connection) => connection.describe());
  mustBeTrusted(seen, testCase);
  const transports = transportsOf(testCase, target);
  mustServe(seen, testCase, transports?.client);
  // a server has nobody to pass bytes to
  const passes = transports?.upstream !== undefined;
  const opaque = passes ? opaqueness(seen, target) : undefined;
  if (opaque !== undefined) recorder.write({ type: 'opaque', reason: opaque.reason });
  const isStreaming = streamsAnswers(testCase, target, clients);
  if (isStreaming) recorder.write({ type: 'blind', what: WHOLE_ANSWERS });
  const refused = whyRefused(target.routes[testCase.route]?.request, lastStatuses(clients));
  if (refused !== undefined) recorder.write({ type: 'blind', what: refused });
  const reason =
    cannotBeTold(testCase.kind, opaque, transports?.client.protocol) ??
    (isStreaming ? whyNotBehindStream(testCase, transports?.client) : undefined);
  if (reason !== undefined) recorder.write({ type: 'skipped', reason });
  return {
    ...(opaque === undefined ? {} : { opaque: opaque.reason }),
    streamsAnswers: isStreaming,
    isSkipped: reason !== undefined,
  };
}

/** Runs the judged round; resolves with the time of its last step. */
async function judgedRound(context: CaseContext, excuses: Pick<RoundOptions, 'onHeldBack'>): Promise<number> {
  const { recorder } = context;
  const { looks = [] } = context.case.expect.figures ?? {};
  recorder.phase('steady', 1);
  context.lab.series.start();
  const look = async (number: number): Promise<void> => {
    const sample = await untilPublished(context, { figures: looks[number] ?? {} });
    recorder.write({ type: 'sample', at: 'looked', round: 1, sample });
  };
  const lastStep = await runRound(context, { ...context.case, ...excuses, number: 1, look });
  recorder.phase('heal', 1);
  return lastStep;
}

/** Settles after the judged round and writes down what is left. */
async function settleAfter(context: CaseContext, lastStep: number): Promise<Settled> {
  const { recorder } = context;
  const { drain, figures } = context.case.expect;
  recorder.phase('settle', 1);
  const settled = withMemory(await settle(context, { since: lastStep, placeholders: true }), context.case);
  if (figures?.after !== undefined)
    settled.sample = await untilPublished(context, { figures: figures.after });
  const { took, drained } = settled;
  recorder.write({ type: 'drain', round: 1, took, drained, limit: drain });
  noteSettled(context, { at: 'settled', round: 1, settled });
  context.lab.series.stop(settled.sample);
  noteConnections(context, [1]);
  return settled;
}

/** Adds memory to the suspects where the scenario asks for it: one round alone tells nothing of it. */
function withMemory(settled: Settled, { expect }: Case): Settled {
  const { report } = settled;
  if (expect.memory === undefined || report.suspects.some(({ rule }) => rule === 'slope')) return settled;
  const suspect: Suspect = {
    resource: 'memory',
    rule: 'slope',
    fingerprint: HEAP_FINGERPRINT,
    count: 1,
    where: [],
    sample: '',
  };
  return { ...settled, report: { ...report, suspects: [...report.suspects, suspect] } };
}

/** Whether more rounds can tell more. Not while sockets are open: growth along with them is their consequence. */
function needsConfirmation(report: Report): boolean {
  return !hasSockets(report) && growing(report).length > 0;
}
