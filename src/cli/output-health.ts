import type { Log } from '../log.ts';
import { outputOf } from './stdio.ts';

/** Returns the lines of standard output and standard error that were dropped so far. */
export function droppedLines(): number {
  return outputOf(process.stdout).dropped + outputOf(process.stderr).dropped;
}

/** Logs once that lines were dropped, each time the output of the log works again. */
export function reportRecovery({ logger }: Log): void {
  outputOf(process.stderr).onWorksAgain((lines) =>
    logger.warn({ lines }, 'output works again; lines of the log were dropped'),
  );
}
