import type { ScaleOut } from './scale-out.ts';

/** Hours of a mean month: 365.25 days of 24 hours over 12. */
export const MONTH_HOURS = 730.5;

/** Costs in the currency of the price. */
export interface Cost {
  readonly servers: number;
  readonly perHour: number;
  readonly perMonth: number;
  readonly perUserHour: number;
  readonly perUserMonth: number;
}

/** Returns the cost of so many users at once. @param pricePerHour of one server */
export function costOf({ users, withSpare }: ScaleOut, pricePerHour: number): Cost {
  const perHour = withSpare * pricePerHour;
  const perMonth = perHour * MONTH_HOURS;
  return {
    servers: withSpare,
    perHour,
    perMonth,
    perUserHour: perHour / users,
    perUserMonth: perMonth / users,
  };
}
