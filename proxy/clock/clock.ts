/** A timer that was started and can be stopped; stopping twice is harmless. */
export type Timer = { cancel(): void };

/** Source of time for the proxy; tests replace it. */
export type Clock = {
  /** monotonic, in ms */
  now(): number;
  /** calls back once, `ms` from now; must not keep the process alive */
  setTimeout(callback: () => void, ms: number): Timer;
};

/** Real time. All timers are unref'd: only the listener and the sockets keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, ms) {
    const timeout = setTimeout(callback, ms);
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};
