/** The unit of a plot of times: its axis, its limits and its sentence all have it. */
export interface PlotUnit {
  /** Label of the axis. */
  readonly label: string;
  /** Factor from the value to the axis. */
  readonly scale: number;
  /** Writes a value for the sentence below the plot and for the limits. */
  readonly text: (value: number) => string;
}

/** Values from which a plot is in seconds, ms. */
const SECONDS_FROM_MS = 1000;

/** Returns the unit for a plot of times. @param values all of the plot, ms; `null`: nothing was observed */
export function timeUnitOf(values: Iterable<number | null>): PlotUnit {
  let highest = 0;
  for (const value of values) highest = Math.max(highest, value ?? 0);
  const [label, scale] = highest >= SECONDS_FROM_MS ? (['s', 1 / 1000] as const) : (['ms', 1] as const);
  // Three digits, as many as a plot shows; whole units where a value has more before its point.
  const text = (value: number): string => {
    const scaled = value * scale;
    return `${Math.abs(scaled) >= 100 ? Math.round(scaled) : Number(scaled.toPrecision(3))} ${label}`;
  };
  return { label, scale, text };
}
