import type { Colours } from './colours.ts';
import { drawMark } from './draw-mark.ts';
import type { Bar, Lane } from '../reading/lanes.ts';
import type { FaultBand } from '../reading/faults.ts';
import { GUTTER, MARGIN } from './view-state.ts';

/** Heights in CSS pixels: a bar, the gap between connections, and the head of the drawing. */
export const BAR = 9;
const GAP = 9;
const TOP = 4;
export const LANE: number = 3 * BAR + GAP;

const ROWS: readonly Bar['actor'][] = ['client', 'target', 'upstream'];

export type Scene = {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  lanes: readonly Lane[];
  faults: readonly FaultBand[];
  zoom: [number, number];
  colours: Colours;
  /** whether labels name the round, too */
  rounds: boolean;
};

/** Height of the drawing for this number of lanes, in CSS pixels. */
export function heightOf(lanes: number): number {
  return TOP + lanes * LANE + 2;
}

/** Place of a moment, in CSS pixels. */
export function xOf(t: number, { width, zoom: [from, to] }: Pick<Scene, 'width' | 'zoom'>): number {
  return GUTTER + ((t - from) / (to - from)) * (width - GUTTER - MARGIN);
}

/** Moment at a place. */
export function timeAt(x: number, { width, zoom: [from, to] }: Pick<Scene, 'width' | 'zoom'>): number {
  return from + ((x - GUTTER) / (width - GUTTER - MARGIN)) * (to - from);
}

/** Middle of a bar. */
export function yOf(lane: number, actor: Bar['actor']): number {
  return TOP + lane * LANE + ROWS.indexOf(actor) * BAR + BAR / 2;
}

/** Draws the lanes of all connections: a bar an actor, with marks for FIN, RST and errors, over the bands of the faults. */
export function drawLanes(scene: Scene): void {
  const { context, width, height, lanes, faults, colours, rounds } = scene;
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(GUTTER - 6, 0, width - GUTTER - MARGIN + 12, height);
  context.clip();
  for (const { from, to } of faults) {
    const x = xOf(from, scene);
    context.fillStyle = colours['fault-band'];
    if (to > from) context.fillRect(x, 0, xOf(to, scene) - x, height);
    context.fillStyle = colours.failed;
    context.fillRect(Math.round(x), 0, 1, height);
  }
  for (const [index, { bars }] of lanes.entries()) for (const bar of bars) drawBar(scene, index, bar);
  for (const [index, { bars }] of lanes.entries()) {
    for (const { actor, marks, timed } of bars) {
      for (const mark of marks)
        drawMark(context, mark, xOf(mark.t, scene), yOf(index, actor), { actor, timed, colours });
    }
  }
  context.restore();
  context.font = '11px ui-sans-serif, system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const [index, { round, connection }] of lanes.entries()) {
    context.fillStyle = colours.dim;
    context.textAlign = 'right';
    const name = rounds ? `round ${round} · ${connection + 1}` : `connection ${connection + 1}`;
    context.fillText(name, GUTTER - 12, yOf(index, 'target'));
    context.fillStyle = colours.line;
    if (index > 0) context.fillRect(0, TOP + index * LANE - GAP / 2 - 0.5, width, 1);
  }
}

function drawBar(scene: Scene, lane: number, { actor, from, to, timed, marks }: Bar): void {
  const { context, colours, width } = scene;
  const x = xOf(from, scene);
  const end = to === undefined ? width : xOf(to, scene);
  const y = yOf(lane, actor) - BAR / 2 + 1.5;
  context.globalAlpha = timed ? (actor === 'target' ? 0.55 : 0.85) : 0.28;
  context.fillStyle = colours[actor];
  context.fillRect(x, y, Math.max(1.5, end - x), BAR - 3);
  context.globalAlpha = 1;
  if (to !== undefined || !timed) return;
  // no end was seen: after its last mark the bar runs on in stripes
  context.fillStyle = colours.panel;
  const last = Math.max(x, ...marks.map(({ t }) => xOf(t, scene)));
  for (let stripe = Math.max(last + 8, GUTTER); stripe < end; stripe += 6)
    context.fillRect(stripe, y, 3, BAR - 3);
}
