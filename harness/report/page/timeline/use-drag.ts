import { useRef, useState } from '../packages/preact.ts';
import type { ViewState } from './view-state.ts';

/** Pixels from which a drag is one. */
const LEAST = 5;

type Drag = { state: ViewState; end: number; toTime: (x: number) => number };

type Dragged = {
  selection: [number, number] | undefined;
  handlers: {
    onMouseDown: (event: MouseEvent) => void;
    onMouseMove: (event: MouseEvent) => void;
    onMouseUp: (event: MouseEvent) => void;
    onDblClick: () => void;
  };
};

/** Dragging over a canvas zooms into that time; a double click shows the whole case. */
export function useDrag({ state, end, toTime }: Drag): Dragged {
  const start = useRef<number | undefined>(undefined);
  const [selection, setSelection] = useState<[number, number] | undefined>(undefined);
  return {
    selection,
    handlers: {
      onMouseDown: ({ offsetX }) => {
        start.current = offsetX;
      },
      onMouseMove: ({ offsetX, buttons }) => {
        if (start.current === undefined || buttons === 0) return;
        setSelection([Math.min(start.current, offsetX), Math.max(start.current, offsetX)]);
      },
      onMouseUp: ({ offsetX }) => {
        const from = start.current;
        start.current = undefined;
        setSelection(undefined);
        if (from === undefined || Math.abs(offsetX - from) < LEAST) return;
        const [a, b] = [toTime(Math.min(from, offsetX)), toTime(Math.max(from, offsetX))];
        state.zoom.value = [Math.max(0, a), Math.min(end, b)];
      },
      onDblClick: () => {
        state.zoom.value = [0, end];
      },
    },
  };
}
