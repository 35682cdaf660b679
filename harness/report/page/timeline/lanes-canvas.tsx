import { colours } from '../state/theme.ts';
import { type JSX, useEffect, useLayoutEffect, useRef, useState } from '../packages/preact.ts';
import { readColours } from './colours.ts';
import { drawLanes, heightOf, LANE, timeAt, xOf } from './draw-lanes.ts';
import type { Lane } from '../reading/lanes.ts';
import type { TimelineModel } from '../reading/model.ts';
import { useDrag } from './use-drag.ts';
import type { ViewState } from './view-state.ts';

type Props = { model: TimelineModel; lanes: readonly Lane[]; state: ViewState };

/** Lines about what is under the pointer, and where that is. */
type Told = { x: number; y: number; lines: string[] };

/** Pixels within which a mark is under the pointer. */
const NEAR = 7;

/** Canvas of the lanes, with the moment under the pointer and what happened there. */
export function LanesCanvas({ model, lanes, state }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  const [told, setTold] = useState<Told | undefined>(undefined);
  const height = heightOf(lanes.length);
  const zoom = state.zoom.value;
  const colouring = colours.value;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (canvas.current === null || context === undefined || context === null || width === 0) return;
    const ratio = devicePixelRatio;
    canvas.current.width = Math.round(width * ratio);
    canvas.current.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    drawLanes({
      context,
      width,
      height,
      lanes,
      faults: model.faults,
      zoom,
      colours: readColours(),
      rounds: false,
    });
  }, [width, height, lanes, zoom, colouring]);
  const drag = useDrag({ state, end: model.end, toTime: (x) => timeAt(x, { width, zoom }) });
  const onMove = (event: MouseEvent): void => {
    const t = timeAt(event.offsetX, { width, zoom });
    state.cursor.value = t >= zoom[0] && t <= zoom[1] ? t : undefined;
    const lane = lanes[Math.floor((event.offsetY - 4) / LANE)];
    const lines = linesAbout(lane, (mark) => Math.abs(xOf(mark, { width, zoom }) - event.offsetX) <= NEAR);
    setTold(lines.length === 0 ? undefined : { x: event.offsetX, y: event.offsetY, lines });
  };
  const at = state.cursor.value;
  return (
    <div class="canvas" {...drag.handlers}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Lanes of ${lanes.length} connections`}
        style={{ height: `${height}px` }}
        onMouseMove={onMove}
        onMouseLeave={() => {
          state.cursor.value = undefined;
          setTold(undefined);
        }}
      />
      {at === undefined || width === 0 ? null : (
        <span class="cursor" style={{ left: `${xOf(at, { width, zoom })}px` }} />
      )}
      {drag.selection === undefined ? null : (
        <span
          class="selection"
          style={{ left: `${drag.selection[0]}px`, width: `${drag.selection[1] - drag.selection[0]}px` }}
        />
      )}
      {told === undefined ? null : <Tooltip told={told} width={width} />}
    </div>
  );
}

/** Width of the element around a canvas, which follows the window. */
function useWidth(canvas: { readonly current: HTMLCanvasElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (element === undefined || element === null) return undefined;
    const observer = new ResizeObserver(() => {
      setWidth(element.clientWidth);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return width;
}

function Tooltip({ told, width }: { told: Told; width: number }): JSX.Element {
  return (
    <div
      class="tooltip"
      style={{
        top: `${told.y + 14}px`,
        ...(told.x > width / 2 ? { right: `${width - told.x + 10}px` } : { left: `${told.x + 10}px` }),
      }}
    >
      {told.lines.slice(0, 8).map((line, index) => (
        <div key={index}>{line}</div>
      ))}
    </div>
  );
}

/** Lines about the marks of a lane that are near. */
function linesAbout(lane: Lane | undefined, isNear: (t: number) => boolean): string[] {
  return (lane?.bars ?? []).flatMap(({ marks, timed }) =>
    marks
      .filter(({ t }) => isNear(t))
      .map(({ t, text }) => (timed ? `${Math.round(t * 10) / 10} ms  ${text}` : text)),
  );
}
