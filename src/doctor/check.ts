import { formatCount } from '../core/number.ts';

/** `fail`: a run with this many users breaks. `warn`: the run works, with less accurate timings or little headroom. */
export type State = 'ok' | 'warn' | 'fail' | 'unknown';

/** One check of the machine. */
export interface Check {
  readonly name: string;
  readonly state: State;
  /** Value found; for `unknown`, the reason. */
  readonly found: string;
  /** Value required for the given number of users; absent if the check requires none. */
  readonly wanted?: string;
  /** How to fix it, one line for each way: commands ready to type. */
  readonly advice: readonly string[];
}

/** Output of `soakd doctor --json`. Later versions add keys and never change existing ones. */
export interface DoctorReport {
  readonly schema: 1;
  readonly users: number;
  /** Whether no check has failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** Returns a check in state `unknown`. */
export function unknown(name: string, why: string): Check {
  return { name, state: 'unknown', found: why, advice: [] };
}

/** Returns the most severe state whose condition holds, else `ok`. */
export function stateOf(conditions: { readonly fail?: boolean; readonly warn?: boolean }): State {
  if (conditions.fail === true) return 'fail';
  return conditions.warn === true ? 'warn' : 'ok';
}

export function count(n: number): string {
  return n === Number.POSITIVE_INFINITY ? 'no limit' : formatCount(n);
}

export function size(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 10_240 ? `${formatCount(mebibytes)} MiB` : `${formatCount(mebibytes / 1024)} GiB`;
}

/** Formats a number to a tenth. */
export function tenths(n: number): string {
  return String(Math.round(n * 10) / 10);
}
