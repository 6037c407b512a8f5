import { formatCount } from '../core/number.ts';

/** `fail`: a run with so many users breaks. `warn`: it works, and its figures or its spare room suffer. */
export type State = 'ok' | 'warn' | 'fail' | 'unknown';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: State;
  /** What there is; of `unknown`, why that is not known. */
  readonly found: string;
  /** What it should be for the users asked for; absent where nothing is asked. */
  readonly wanted?: string;
  /** What to do, each a line: commands as they can be typed. */
  readonly advice: readonly string[];
}

/** What `soakd doctor --json` prints. Keys are added in time, never changed. */
export interface DoctorReport {
  readonly schema: 1;
  readonly users: number;
  /** Whether nothing has failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** @returns a check that says nothing is known */
export function unknown(name: string, why: string): Check {
  return { name, state: 'unknown', found: why, advice: [] };
}

/** @returns the gravest state whose condition holds, else `ok` */
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

/** @returns a share of 1 or a number of cores, to a tenth */
export function tenths(n: number): string {
  return String(Math.round(n * 10) / 10);
}
