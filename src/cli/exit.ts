import { SoakError } from '../core/errors.ts';
import type { FinishedRun, RunVerdict } from '../core/run.ts';

export const USAGE_EXIT = 2;
export const CANNOT_START_EXIT = 4;

const VERDICT_EXIT: Readonly<Record<RunVerdict, number>> = { pass: 0, fail: 1, inconclusive: 5, aborted: 5 };
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** @returns the exit code of a process that a signal has asked to end */
export function signalExit(signal: NodeJS.Signals): number {
  return SIGNAL_EXIT[signal] ?? 143;
}

/** @returns the exit code of `soakd run` */
export function runExit(run: FinishedRun, signal: NodeJS.Signals | undefined): number {
  if (signal !== undefined) return signalExit(signal);
  if (run.reason === 'target_not_allowed') return 3;
  if (run.reason === 'worker_died') return 4;
  return VERDICT_EXIT[run.verdict];
}

/** Tells a person what was wrong. @returns the exit code */
export function report(error: unknown): number {
  if (error instanceof SoakError) {
    const lines = error.details.includes(error.message) ? error.details : [error.message, ...error.details];
    process.stderr.write(`${lines.map((line) => `soakd: ${line}`).join('\n')}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`soakd: an error in soakd itself, please report it:\n${text}\n`);
  return 4;
}

/** How long output may take to be written out after all is done, ms. */
const FLUSH_MS = 2000;

/** Ends the process when its output is written. */
export function exitWith(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), FLUSH_MS).unref();
}
