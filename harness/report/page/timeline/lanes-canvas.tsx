import { colours } from '../state/theme.ts';
import { type JSX, useEffect, useLayoutEffect, useRef, useState } from '../packages/preact.ts';
import { readColours } from './colours.ts';
import { drawLanes, heightOf, LANE, timeAt, xOf } from './draw-lanes.ts';
import type { Lane } from '../reading/lanes.ts';
import type { TimelineModel } from '../reading/model.ts';
import { useDrag } from './use-drag.ts';
import type { ViewState } from './view-state.ts';

type Props = { model: TimelineModel; lanes: readonly Lane[]; state: ViewState };

/** Pixels within which a mark is under the pointer. */
const NEAR = 7;

/** Canvas of the lanes, with the moment under the pointer and what happened there. */
export function LanesCanvas({ model, lanes, state }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [told, setTold] = useState<{ x: number; y: number; lines: string[] } | undefined>(undefined);
  const height = heightOf(lanes.length);
  const zoom = state.zoom.value;
  const colouring = colours.value;
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
    const lines = (lane?.bars ?? []).flatMap(({ marks, timed }) =>
      marks
        .filter((mark) => Math.abs(xOf(mark.t, { width, zoom }) - event.offsetX) <= NEAR)
        .map((mark) => (timed ? `${Math.round(mark.t * 10) / 10} ms  ${mark.text}` : mark.text)),
    );
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
      {told === undefined ? null : (
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
      )}
    </div>
  );
}
