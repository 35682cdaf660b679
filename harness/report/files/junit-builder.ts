import junit, { type Builder } from 'junit-report-builder';

/** A new, empty JUnit report. */
export function newJUnitBuilder(): Builder {
  // The package's types say that its default export is wrapped once more; at run time it is not.
  const exported: unknown = junit;
  if (!isBuilder(exported)) throw new TypeError('junit-report-builder has another shape than expected');
  return exported.newBuilder();
}

function isBuilder(value: unknown): value is Builder {
  return typeof value === 'object' && value !== null && 'newBuilder' in value;
}
