/** Interval of the seconds of a run, ms. */
const SECOND_MS = 1000;
/** Calls in a second: what a kill loses is the time between two of them, and the time of a write. */
const CALLS = 2;

interface TicksOptions {
  /** Called once a second. */
  readonly second: () => void;
  /** Called half a second later. */
  readonly between: () => void;
  /** Whether a tick is left out. */
  readonly isSettling: () => boolean;
}

/** The clock of an active run. @returns a function that stops it */
export function startTicks({ second, between, isSettling }: TicksOptions): () => void {
  let calls = 0;
  const timer = setInterval(() => {
    if (isSettling()) return;
    calls++;
    if (calls % CALLS === 0) second();
    else between();
  }, SECOND_MS / CALLS);
  return () => clearInterval(timer);
}
