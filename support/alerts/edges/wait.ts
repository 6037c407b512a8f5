import type { Case, Firing, Series } from '../case.ts';

/** When an alert fires whose condition holds at some ticks. */
export interface Wait {
  /** Ticks that the condition must hold before it fires. */
  readonly wait: number;
  /** Ticks that it continues to fire afterwards. */
  readonly keep?: number;
}

/** Returns whether the alert fires, tick by tick. */
export function firingAt(holds: readonly boolean[], { wait, keep = 0 }: Wait): boolean[] {
  let since: number | undefined;
  let lapsed: number | undefined;
  let firing = false;
  return holds.map((held, tick) => {
    if (held) {
      since ??= tick;
      lapsed = undefined;
      firing ||= tick - since >= wait;
      return firing;
    }
    since = firing ? since : undefined;
    if (!firing) return false;
    lapsed ??= tick;
    if (tick - lapsed >= keep) {
      firing = false;
      since = undefined;
      lapsed = undefined;
    }
    return firing;
  });
}

/** An alert that one experiment is to cause, and when. */
export interface Expected {
  readonly labels: Firing;
  readonly firing: readonly boolean[];
}

/** Returns a case that looks at when each begins, and at how many ticks it fires. */
export function edgeCase(series: readonly Series[], expected: readonly Expected[], tickS: number): Case {
  const ticks = expected[0]!.firing.length - 1;
  const spans = expected
    .filter(({ firing }) => firing.includes(true))
    .map(({ labels, firing }) => ({
      labels,
      firstS: firing.indexOf(true) * tickS,
      evaluations: firing.filter(Boolean).length,
    }));
  return { series, spans: { untilS: ticks * tickS, everyS: tickS, firing: spans } };
}
