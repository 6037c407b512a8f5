import { SoakError } from '../core/errors.ts';
import type { FinishedRun, RunVerdict } from '../core/run.ts';

export const USAGE_EXIT = 2;
export const CANNOT_START_EXIT = 4;

const VERDICT_EXIT: Readonly<Record<RunVerdict, number>> = { pass: 0, fail: 1, inconclusive: 5, aborted: 5 };
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Returns the exit code of a process that ends because of a signal. */
export function signalExit(signal: NodeJS.Signals): number {
  return SIGNAL_EXIT[signal] ?? 143;
}

/** Returns the exit code of `soakd run`. */
export function runExit(run: FinishedRun, signal: NodeJS.Signals | undefined): number {
  if (signal !== undefined) return signalExit(signal);
  if (run.reason === 'target_not_allowed') return 3;
  if (run.reason === 'worker_died') return 4;
  return VERDICT_EXIT[run.verdict];
}

/** Prints an error to standard error and returns the exit code. */
export function report(error: unknown): number {
  if (error instanceof SoakError) {
    const lines = error.details.includes(error.message) ? error.details : [error.message, ...error.details];
    process.stderr.write(`${lines.map((line) => `soakd: ${line}`).join('\n')}\n`);
    return error.exitCode;
  }
  internalError(error);
  return CANNOT_START_EXIT;
}

/** Prints an error that soakd did not expect, in one line. */
export function internalError(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`soakd: internal error, please report it: ${text.replaceAll(/\n\s*/g, ' | ')}\n`);
}

/** Maximum time to flush output before the process ends, ms. */
const FLUSH_MS = 2000;

/** Ends the process after its output is flushed. */
export function exitWith(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), FLUSH_MS).unref();
}
