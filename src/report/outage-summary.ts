import type { Outcome } from '../core/outcome.ts';
import type { Outage } from '../run/availability.ts';

/** A time in which a target served nobody, exact to a second. */
export interface OutageSummary {
  readonly target: string;
  /** From the first second in which streams failed and none was served to the last such second. */
  readonly from: string;
  readonly to: string;
  /** When a stream was served again; `null`: not before the end of the run. */
  readonly servedAgainAt: string | null;
  readonly lastedMs: number;
  /** Failures in it. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}

/** @internal */
export function outageSummary({ target, fromAt, toAt, upAt, outcomes }: Outage): OutageSummary {
  return {
    target,
    from: new Date(fromAt).toISOString(),
    to: new Date(toAt).toISOString(),
    servedAgainAt: upAt === undefined ? null : new Date(upAt).toISOString(),
    lastedMs: toAt - fromAt,
    outcomes,
  };
}
