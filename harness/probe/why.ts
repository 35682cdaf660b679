/**
 * Second preload, for an explaining rerun only: why-is-node-running watches every handle through async hooks.
 * No other file imports it.
 */
import whyIsNodeRunning from 'why-is-node-running';

const WHY = Symbol.for('lastfin.why');

Object.defineProperty(globalThis, WHY, {
  configurable: true,
  value: (): string => {
    const lines: string[] = [];
    whyIsNodeRunning({ error: (message?: unknown) => lines.push(String(message)) });
    return lines.join('\n');
  },
});
