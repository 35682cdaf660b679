/** A timer that was started and can be stopped; stopping twice is harmless. */
export type Timer = { cancel(): void };

/** Where the proxy gets its time from, so that tests can drive it. */
export type Clock = {
  /** monotonic, in ms */
  now(): number;
  /** calls back once, `ms` from now; must not keep the process alive */
  setTimeout(callback: () => void, ms: number): Timer;
};

/** The real time. All its timers are unref'd: only the listener and the sockets hold the process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, ms) {
    const timeout = setTimeout(callback, ms);
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};
