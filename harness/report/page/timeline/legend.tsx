import type { JSX } from '../packages/preact.ts';

/** Meaning of the bars and marks of the lanes. */
export function Legend(): JSX.Element {
  return (
    <ul class="legend">
      <li>
        <span class="swatch client" /> client
      </li>
      <li>
        <span class="swatch target" /> target
      </li>
      <li>
        <span class="swatch upstream" /> upstream
      </li>
      <li>
        <span class="glyph">▼</span> FIN sent
      </li>
      <li>
        <span class="glyph">△</span> FIN seen
      </li>
      <li>
        <span class="glyph rst">⊗</span> RST
      </li>
      <li>
        <span class="glyph error">◆</span> error
      </li>
    </ul>
  );
}
