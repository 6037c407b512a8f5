import { signalExit } from './exit.ts';

const end = (): void => process.exit(signalExit('SIGTERM'));

/**
 * Ends soakd with 143 on SIGTERM until a command handles signals itself: as the first process of a container, one without a
 * handler would not be ended at all. What runs for soakd ends with it (`exit` of the process).
 */
export function installEarlyTerm(): void {
  process.removeAllListeners('SIGTERM').on('SIGTERM', end);
}

/** Leaves SIGTERM to the handlers of a command. */
export function removeEarlyTerm(): void {
  process.off('SIGTERM', end);
}
