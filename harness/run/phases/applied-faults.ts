import { setTimeout as delay } from 'node:timers/promises';

import type { Round } from '../../actors/round.ts';
import { applyFault } from '../../faults/apply-fault.ts';
import type { Heal } from '../../faults/kernel/kernel-context.ts';
import { bestFidelity, fidelityOn } from '../../faults/fidelity.ts';
import { faultTimeouts } from '../../faults/kernel/tcp-timeouts.ts';
import { familyOf } from '../../faults/kernel/match-packets.ts';
import { isKernelFault, lastsFor } from '../../scenario/fault.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Fidelity } from '../../scenario/trigger.ts';
import type { CaseContext } from '../case-context.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import type { Recorder } from '../../journal/recorder.ts';

/** A fault that lasts; healed once, however often that is asked for. */
type Applied = { heal: () => Promise<void> };

/** The faults of one round: the journal tells when each is applied and when it is healed, and none outlives the round. */
export class AppliedFaults {
  readonly #lab: CaseLab;
  readonly #recorder: Recorder;
  readonly #round: Round;
  readonly #applied: Applied[] = [];
  /** faults that are being applied: a round may end meanwhile, as by the death of its target */
  readonly #applying: Promise<void>[] = [];
  /** ends the waits of faults that pass by themselves */
  readonly #over = new AbortController();
  #passing: number;
  /** hears of a fault that could not be healed while the round goes on */
  onFailure: (error: unknown) => void = () => undefined;

  constructor(
    { lab, recorder }: Pick<CaseContext, 'lab' | 'recorder'>,
    { round, faults }: { round: Round; faults: readonly Fault[] },
  ) {
    this.#lab = lab;
    this.#recorder = recorder;
    this.#round = round;
    this.#passing = faults.filter((fault) => lastsFor(fault) !== undefined).length;
  }

  /** Applies a fault now; rejects once the round is over, which nothing may outlive. */
  async apply(fault: Fault): Promise<void> {
    this.#over.signal.throwIfAborted();
    const applying = this.#apply(fault);
    this.#applying.push(applying);
    return applying;
  }

  async #apply(fault: Fault): Promise<void> {
    const began = performance.now();
    const undo = await applyFault(fault, this.#lab, this.#round.number);
    let healing: Promise<void> | undefined;
    const heal = (): Promise<void> => {
      healing ??= this.#heal(fault, undo);
      return healing;
    };
    this.#applied.push({ heal });
    this.#write('applied', fault, began);
    const lasting = lastsFor(fault);
    if (lasting !== undefined) void this.#healAfter(lasting, heal);
  }

  /** Heals all that still last, the last one first; one that cannot be healed does not keep the others from it. */
  async heal(): Promise<void> {
    this.#over.abort(new Error('the round is over'));
    // one that fails is told by `apply`
    await Promise.allSettled(this.#applying);
    const failures: unknown[] = [];
    for (const { heal } of this.#applied.toReversed()) {
      try {
        await heal();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #heal(fault: Fault, undo: Heal): Promise<void> {
    const began = performance.now();
    await undo();
    this.#write('healed', fault, began);
  }

  async #healAfter(lasting: number, heal: () => Promise<void>): Promise<void> {
    try {
      await delay(lasting, undefined, { signal: this.#over.signal });
    } catch {
      // the round is over: it heals what is left
      return;
    }
    try {
      await heal();
    } catch (error) {
      this.onFailure(error);
      return;
    }
    this.#passing--;
    this.#round.healed = this.#passing === 0;
    this.#round.changed();
  }

  #write(action: 'applied' | 'healed', fault: Fault, began: number): void {
    const { network, lacks } = this.#lab;
    const best = bestFidelity(fault);
    const family = familyOf(this.#lab, 'address' in fault ? fault.address : undefined);
    const fidelity: Fidelity = fidelityOn({ network: network.kind, lacks }, fault, family) ?? best;
    const sysctls = isKernelFault(fault) && fidelity === 'kernel' ? faultTimeouts(fault) : {};
    this.#recorder.write({
      type: 'fault',
      action,
      fault,
      fidelity,
      began: this.#recorder.at(began),
      ...(fidelity === best ? {} : { best }),
      ...(Object.keys(sysctls).length > 0 ? { sysctls } : {}),
    });
  }
}
