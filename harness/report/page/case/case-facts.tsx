import type { ReportedCase } from '../../reported-case.ts';
import { duration } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';

/** Figures of a case, in one row. */
export function CaseFacts({ result }: { result: ReportedCase }): JSX.Element {
  const { target, connections, drain, took, fidelity, lab, seed, attempts, advanced } = result;
  const facts: [string, string | undefined][] = [
    ['target', target],
    ['connections', connections?.toLocaleString('en')],
    ['drain', drain === undefined ? 'never' : duration(drain)],
    ['took', duration(took)],
    ['faults', fidelity],
    ['network', lab === 'none' ? 'the machine’s own' : lab],
    ['time let pass', advanced === undefined ? undefined : duration(advanced.ms)],
    ['attempts', attempts === undefined ? undefined : String(attempts)],
    ['seed', String(seed)],
  ];
  const ran = result.verdict !== 'skipped' && result.verdict !== 'error';
  return (
    <dl class="facts">
      {facts
        .filter(([name, value]) => value !== undefined && (ran || name !== 'drain'))
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
