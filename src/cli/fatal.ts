import { messageOf } from '../core/errors.ts';
import { CANNOT_START_EXIT, internalError } from './exit.ts';

/** Longest time to save the state of the run after an uncaught error, ms. */
const MAX_SAVE_MS = 3000;
/** Node's own code for a top-level await that nothing can settle any more. */
const UNSETTLED_AWAIT_EXIT = 13;
const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/** What a command does with an error that nothing caught. */
export interface FatalHandler {
  /** Writes the one line of it. */
  readonly log: (error: unknown) => void;
  /** Saves what can be saved; takes 3 s at most. */
  readonly save: () => Promise<unknown>;
}

const PRINTED: FatalHandler = { log: internalError, save: async () => {} };

/** Ends the process with 4, and not with Node's 1 or 13, where nothing catches an error or a rejection. */
export function installFatalHandlers(): void {
  onFatal(PRINTED);
  process.on('exit', (code) => {
    if (code === UNSETTLED_AWAIT_EXIT) process.exitCode = CANNOT_START_EXIT;
  });
}

/** Sets what happens to an uncaught error before the process ends with 4. Replaces an earlier handler. */
export function onFatal({ log, save }: FatalHandler): void {
  let isOver = false;
  const end = async (error: unknown): Promise<void> => {
    // A second error, while the state is saved, says nothing new.
    if (isOver) return;
    isOver = true;
    setTimeout(() => process.exit(CANNOT_START_EXIT), MAX_SAVE_MS);
    try {
      log(error);
      await save();
    } catch (failed) {
      process.stderr.write(`soakd: cannot save the state of the run: ${messageOf(failed)}\n`);
    }
    process.exit(CANNOT_START_EXIT);
  };
  for (const event of EVENTS) process.removeAllListeners(event).on(event, end);
}
