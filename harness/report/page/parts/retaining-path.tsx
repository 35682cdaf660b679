import type { JSX } from '../packages/preact.ts';

/** Path from a root of the heap to what should have been collected, a link a step. */
export function RetainingPath({ path }: { path: string }): JSX.Element {
  const steps = path.split(/\s*→\s*/);
  return (
    <figure class="path">
      <figcaption>Kept alive by</figcaption>
      <ol>
        {steps.map((step, index) => (
          <li key={index}>
            <code>{step}</code>
          </li>
        ))}
      </ol>
    </figure>
  );
}
