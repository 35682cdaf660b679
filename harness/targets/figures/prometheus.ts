/** Figure of a metrics page: `name{label="value"} 3`. */
export type Metric = { name: string; labels: Record<string, string>; value: number };

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /\s*([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"\s*,?/y;

/**
 * Parses a page in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/); comments and other lines
 * are skipped.
 */
export function parseMetrics(text: string): Metric[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels, value] = LINE.exec(line.trim()) ?? [];
    const parsed = labels === undefined ? {} : parseLabels(labels);
    if (name === undefined || parsed === undefined || Number.isNaN(Number(value))) return [];
    return [{ name, labels: parsed, value: Number(value) }];
  });
}

/** Parses a selector of a target file: `name`, or `name{label="value"}`; undefined if it is none. */
export function parseSelector(text: string): Pick<Metric, 'name' | 'labels'> | undefined {
  const [, name, labels] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?$/.exec(text.trim()) ?? [];
  const parsed = labels === undefined ? {} : parseLabels(labels);
  return name === undefined || parsed === undefined ? undefined : { name, labels: parsed };
}

/** Metrics that match a selector: those of its name that have at least its labels. */
export function chosen(metrics: readonly Metric[], selector: string): Metric[] {
  const wanted = parseSelector(selector);
  if (wanted === undefined) return [];
  return metrics.filter(
    ({ name, labels }) =>
      name === wanted.name &&
      Object.entries(wanted.labels).every(([label, value]) => labels[label] === value),
  );
}

function parseLabels(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  const trimmed = text.trim();
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < trimmed.length) {
    const [, name, value] = LABEL.exec(trimmed) ?? [];
    if (name === undefined || value === undefined) return undefined;
    labels[name] = value.replaceAll(/\\(.)/g, (_whole, one: string) => (one === 'n' ? '\n' : one));
  }
  return labels;
}
