import type { Outcome } from '../core/outcome.ts';
import type { Outage } from '../run/availability.ts';

/** Period in which a target served no stream, with a precision of 1 s. */
export interface OutageSummary {
  readonly target: string;
  /** Start of the first second in which streams failed and none was served; `to` is the end of the last one. */
  readonly from: string;
  readonly to: string;
  /** Time of the next served stream; `null`: none before the end of the run. */
  readonly servedAgainAt: string | null;
  readonly lastedMs: number;
  /** Failures in the outage by outcome. */
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
