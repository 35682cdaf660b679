import type { Entry } from '../../../journal/entry.ts';

export type LogLine = { t: number; stream: string; text: string };

/** Output of the target, with its times. An older journal has only the lines of ended connections, and the end of stderr. */
export function logOf(entries: readonly Entry[]): LogLine[] {
  const printed = entries.flatMap((entry): LogLine[] =>
    entry.type === 'output'
      ? [{ t: entry.t, stream: entry.stream, text: `${entry.text}${entry.cut === true ? ' …' : ''}` }]
      : [],
  );
  if (printed.length > 0) return printed;
  return entries.flatMap((entry): LogLine[] => {
    if (entry.type === 'end-line') {
      const { id, incoming = '–', outgoing = '–', bytesIn, bytesOut } = entry;
      const text = `end of ${id}: incoming ${incoming}, outgoing ${outgoing}, ${bytesIn} B in, ${bytesOut} B out`;
      return [{ t: entry.t, stream: 'stdout', text }];
    }
    if (entry.type !== 'exit' || entry.stderr === '') return [];
    const lines = entry.stderr.trimEnd().split('\n');
    return lines.map((text) => ({ t: entry.t, stream: 'stderr', text }));
  });
}
