import { colours } from '../state/theme.ts';
import { type JSX, useEffect, useLayoutEffect, useRef } from '../packages/preact.ts';
import { UPlot } from '../packages/uplot.ts';
import { chartOptions } from './chart-options.ts';
import { readColours } from './colours.ts';
import type { TimelineModel } from '../reading/model.ts';
import type { Chart } from '../reading/series.ts';
import type { ViewState } from './view-state.ts';

type Props = { chart: Chart; model: TimelineModel; state: ViewState };

/** Chart of a count against time, with its baseline drawn, on the time axis of the lanes. */
export function CountChart({ chart, model, state }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const last = model.charts.at(-1) === chart;
  const plot = useRef<UPlot | undefined>(undefined);
  const colouring = colours.value;
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const options = chartOptions({
      chart,
      model,
      state,
      colours: readColours(),
      width: element.clientWidth,
      last,
    });
    const [ts, values] = [chart.points.map(([t]) => t), chart.points.map(([, value]) => value)];
    const made = new UPlot(options, [ts, values], element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: options.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [chart, colouring]);
  const [min, max] = state.zoom.value;
  useEffect(() => {
    plot.current?.setScale('x', { min, max });
  }, [min, max, colouring]);
  const at = state.cursor.value;
  useEffect(() => {
    const made = plot.current;
    if (made === undefined) return;
    const left = at === undefined ? -10 : made.valToPos(at, 'x');
    if (Math.abs((made.cursor.left ?? -10) - left) > 0.5) made.setCursor({ left, top: 10 }, false);
  }, [at]);
  const shown = at === undefined ? undefined : valueAt(chart, at);
  return (
    <div class="chart">
      <h4>
        {chart.name} {chart.unit === '' ? '' : <span class="dim">{chart.unit}</span>}
        {shown === undefined ? null : <span class="figure">{shown}</span>}
      </h4>
      <div class="plot" ref={place} />
    </div>
  );
}

function valueAt({ points, unit }: Chart, t: number): string | undefined {
  const value = points.findLast(([at]) => at <= t)?.[1];
  return value === undefined ? undefined : unit === '' ? String(value) : value.toFixed(1);
}
