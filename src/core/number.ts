/** Writes a count for a person, rounded, with commas between thousands: `1,234,567`. */
export function formatCount(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * Writes a share from 0 to 1 for a person: `99.95 %`, `99.9 %`, `100 %`. What is below a limit must not be shown as the limit, and
 * one failure in a million not as `100 %`: further digits are cut, not rounded.
 * @param digits after the point, at most
 */
export function formatPercent(share: number, digits = 2): string {
  const unit = 10 ** digits;
  // 0.57 × 10,000 is 5699.999999999999 in doubles.
  const units = Math.floor(Number((share * 100 * unit).toPrecision(12)));
  return `${units / unit} %`;
}

/** Writes a share from 0 to 1 in whole percent, rounded down: only all is `100 %`, and only none is `0 %`. */
export function formatWholePercent(share: number): string {
  return share === 0 ? '0 %' : `${Math.max(1, Math.floor(Number((share * 100).toPrecision(12))))} %`;
}
