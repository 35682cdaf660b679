/** Keys of a watching run. */
export type Keys = { onAll: () => void; onFailed: () => void; onQuit: () => void };

const INTERRUPT = '\u0003';

/** Reads keys from the terminal, or lines where standard input is something else. @returns what ends it */
export function readKeys(keys: Keys): () => void {
  const { stdin } = process;
  const isTerminal = stdin.isTTY;
  if (isTerminal) stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  const onText = (text: string): void => {
    for (const key of isTerminal ? text : text.split('\n').slice(0, -1).map(asKey)) press(key, keys);
  };
  stdin.on('data', onText);
  return () => {
    stdin.off('data', onText);
    if (isTerminal) stdin.setRawMode(false);
    stdin.pause();
  };
}

/** An empty line is Enter. */
function asKey(line: string): string {
  return line.trim() === '' ? '\r' : line.trim();
}

function press(key: string, { onAll, onFailed, onQuit }: Keys): void {
  if (key === '\r' || key === '\n') onAll();
  else if (key === 'f') onFailed();
  else if (key === 'q' || key === INTERRUPT) onQuit();
}
