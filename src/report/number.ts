/** Returns a whole number with thin groups: 1 234 567. */
export function number(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ' ');
}
