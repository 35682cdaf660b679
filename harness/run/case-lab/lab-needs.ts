import { textsOf } from '../../targets/file/target-arguments.ts';
import { freePortNames, placeholderNames } from '../../targets/file/target-placeholders.ts';
import { allTransports, type Transports } from '../admission/transport-gap.ts';
import type { CaseLabOptions } from './case-lab.ts';

/** Things that only some cases need in their lab. */
export type LabNeeds = {
  certificates: boolean;
  /** a second address of the upstream */
  second: boolean;
  /** a config file for the target */
  config: boolean;
  /** placeholders of free ports, such as `port.inner` */
  freePorts: Set<string>;
};

/** Needs of a case: told by the placeholders in the texts of its target, and by its transports. */
export function labNeeds(
  { case: testCase, target }: Pick<CaseLabOptions, 'case' | 'target'>,
  transports: Transports,
): LabNeeds {
  const reloaded = testCase.faults.flatMap((fault) => (fault.kind === 'reload' ? [fault.route] : []));
  const texts = [testCase.route, ...reloaded].flatMap((route) => textsOf(target, route));
  const names = texts.flatMap((text) => placeholderNames(text));
  return {
    certificates:
      names.some((name) => name.startsWith('tls.')) ||
      allTransports(testCase, transports).some(({ tls }) => tls !== undefined),
    second: names.some((name) => name.startsWith('upstream.2.')),
    config: names.includes('config.path'),
    freePorts: freePortNames(texts),
  };
}
