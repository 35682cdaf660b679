import { readFileSync } from 'node:fs';

/** Whether a process has a signal that has not reached it yet (`/proc/PID/status`); false where the system does not tell. */
export function hasPendingSignal(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([\da-f]+)$/gm)].some(([, set = '']) =>
      /[1-9a-f]/.test(set),
    );
  } catch {
    return false;
  }
}
