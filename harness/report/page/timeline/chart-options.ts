import { UPlot } from '../packages/uplot.ts';
import type { Colours } from './colours.ts';
import type { TimelineModel } from '../reading/model.ts';
import type { Chart } from '../reading/series.ts';
import { GUTTER, MARGIN, type ViewState } from './view-state.ts';

const HEIGHT = 76;
/** Height of the labels of time. */
const TIMES = 24;
/** Pixels from which a drag is one. */
const LEAST = 5;
/** Points that are few enough to be drawn one by one. */
const FEW = 60;

/** Parts of a chart; `last`: it has the labels of time for all. */
type Parts = {
  chart: Chart;
  model: TimelineModel;
  state: ViewState;
  colours: Colours;
  width: number;
  last: boolean;
};

/** How a count is drawn: steps, since a count holds until the next reading; faults behind it, its baseline before it. */
export function chartOptions({ chart, model, state, colours, width, last }: Parts): UPlot.Options {
  const grid = { stroke: colours.line, width: 1 };
  const axis = {
    stroke: colours.dim,
    grid,
    ticks: { show: false },
    font: '11px ui-sans-serif, system-ui, sans-serif',
  };
  const [min, max] = state.zoom.value;
  return {
    width,
    height: last ? HEIGHT + TIMES : HEIGHT,
    padding: [8, MARGIN, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: false } },
    scales: {
      x: { time: false, min, max, auto: false },
      y: { range: (_, low, high) => rangeOf(chart, low, high) },
    },
    axes: [
      {
        ...axis,
        size: last ? TIMES : 6,
        values: (_, splits) => splits.map((ms) => (last ? timeOf(ms) : '')),
      },
      { ...axis, size: GUTTER, space: 26 },
    ],
    series: [
      {},
      {
        stroke: colours.accent,
        width: 1.75,
        fill: colours.quiet,
        points: { show: chart.points.length <= FEW, size: 5, fill: colours.accent },
        ...(steps === undefined ? {} : { paths: steps }),
      },
    ],
    hooks: hooksOf({ chart, model, state, colours }),
  };
}

const steps = UPlot.paths.stepped?.({ align: 1 });

/** Drawing behind and before the counts, and the pointer. */
function hooksOf({
  chart,
  model,
  state,
  colours,
}: Pick<Parts, 'chart' | 'model' | 'state' | 'colours'>): UPlot.Hooks.Arrays {
  return {
    drawClear: [
      (plot) => {
        drawFaults(plot, model, colours);
      },
    ],
    draw: [
      (plot) => {
        drawBaseline(plot, chart, colours);
        drawLeft(plot, chart, colours);
      },
    ],
    setSelect: [
      (plot) => {
        zoomIn(plot, state);
      },
    ],
    setCursor: [
      (plot) => {
        const { left = -1, event } = plot.cursor;
        // only a pointer over this chart moves the others
        if (event !== undefined && event !== null)
          state.cursor.value = left < 0 ? undefined : plot.posToVal(left, 'x');
      },
    ],
    ready: [
      ({ over }) => {
        over.addEventListener('dblclick', () => {
          state.zoom.value = [0, model.end];
        });
        over.addEventListener('mouseleave', () => {
          state.cursor.value = undefined;
        });
      },
    ],
  };
}

function rangeOf({ baseline = 0 }: Chart, low: number | null, high: number | null): [number, number] {
  const least = Math.min(low ?? 0, baseline);
  const most = Math.max(high ?? 1, baseline);
  const room = Math.max(1, (most - least) * 0.15);
  return [Math.max(0, least - room), most + room];
}

function timeOf(ms: number): string {
  return ms >= 10_000 ? `${ms / 1000} s` : `${ms} ms`;
}

function drawFaults(plot: UPlot, { faults }: TimelineModel, colours: Colours): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { from, to } of faults) {
    const x = plot.valToPos(from, 'x', true);
    ctx.fillStyle = colours['fault-band'];
    if (to > from) ctx.fillRect(x, bbox.top, plot.valToPos(to, 'x', true) - x, bbox.height);
    ctx.fillStyle = colours.failed;
    ctx.fillRect(Math.round(x), bbox.top, 1, bbox.height);
  }
  ctx.restore();
}

function drawBaseline(plot: UPlot, chart: Chart, colours: Colours): void {
  const { ctx, bbox } = plot;
  const { baseline } = chart;
  if (baseline === undefined) return;
  const y = Math.round(plot.valToPos(baseline, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colours.passed;
  ctx.fillStyle = colours.passed;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${10 * devicePixelRatio}px ui-sans-serif, system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  if (leftAt(plot, chart) === 0) ctx.fillText('baseline', bbox.left + bbox.width - 4, y - 2);
  ctx.restore();
}

/** Count above the baseline at the right edge; 0 for memory, whose growth alone is no leak. */
function leftAt({ scales }: UPlot, { baseline, points, unit }: Chart): number {
  const value = points.findLast(([t]) => t <= (scales['x']?.max ?? 0))?.[1];
  return baseline === undefined || value === undefined || unit !== '' ? 0 : Math.max(0, value - baseline);
}

/** Says at the right edge how much is left above the baseline by then. */
function drawLeft(plot: UPlot, chart: Chart, colours: Colours): void {
  const { ctx, bbox } = plot;
  const { baseline = 0 } = chart;
  const left = leftAt(plot, chart);
  if (left === 0) return;
  const right = bbox.left + bbox.width;
  const y = plot.valToPos(baseline + left, 'y', true);
  ctx.save();
  ctx.fillStyle = colours.failed;
  ctx.fillRect(right - 2 * devicePixelRatio, y, 2 * devicePixelRatio, plot.valToPos(baseline, 'y', true) - y);
  ctx.font = `600 ${11 * devicePixelRatio}px ui-sans-serif, system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText(`+${left} over the baseline`, right - 6 * devicePixelRatio, y - 2);
  ctx.restore();
}

function zoomIn(plot: UPlot, state: ViewState): void {
  const { left, width } = plot.select;
  if (width < LEAST) return;
  state.zoom.value = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}
