import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files that take minutes begin first, so that no worker is left alone with one at the end. */
const SLOWEST = ['leaky.e2e', 'field.e2e', 'detect-leaks', 'run.e2e', 'any-language.e2e', 'e2e'];

export class SlowestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = SLOWEST.findIndex((name) => moduleId.includes(`${name}.`));
      return index === -1 ? SLOWEST.length : index;
    };
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)));
  }
}
