import { closeSync, openSync } from 'node:fs';
import type { Service } from '../service.ts';
import { removeEarlyTerm } from './early-term.ts';
import { signalExit } from './exit.ts';
import { ignoresHangup } from './hangup.ts';

/** Signals that end soakd. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Time in which repeated signals count as one, ms: a signal to the process group of a terminal arrives several times,
 * directly, from npm and from the bootstrap.
 */
const SAME_MS = 300;

export interface SignalHandler {
  /** Reloads the configuration on SIGHUP; absent: SIGHUP ends soakd. */
  reload?(): void;
  /** First signal: shut down gracefully. */
  first(signal: NodeJS.Signals): void;
  /** Second signal: end at once. */
  again(signal: NodeJS.Signals): void;
}

/** Installs the signal handlers. Returns a function that removes them. */
export function onSignals(handler: SignalHandler): () => void {
  let firstMs: number | undefined;
  const hadTerminal = hasTerminal();
  const ignored = ignoresHangup();
  const listener = (signal: NodeJS.Signals): void => {
    // A signal that was ignored at the start stays ignored, as POSIX asks of programs.
    if (signal === 'SIGHUP' && ignored) return;
    // A closed terminal sends SIGHUP too.
    if (signal === 'SIGHUP' && handler.reload !== undefined && hasTerminal(hadTerminal) === hadTerminal) {
      handler.reload();
      return;
    }
    const now = performance.now();
    if (firstMs === undefined) {
      firstMs = now;
      handler.first(signal);
    } else if (now - firstMs > SAME_MS) handler.again(signal);
  };
  // The parent of the bootstrap is gone, so nothing else would end this process.
  const orphaned = (): void => listener('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, listener);
  removeEarlyTerm();
  process.on('disconnect', orphaned);
  process.channel?.unref();
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
    process.off('disconnect', orphaned);
  };
}

/** Ends the one run of a command on signals. Returns the first signal, and a function that removes the handlers. */
export function endRunOnSignals(service: Service): {
  interrupted(): NodeJS.Signals | undefined;
  stopListening(): void;
} {
  let interrupted: NodeJS.Signals | undefined;
  const stopListening = onSignals({
    first(signal) {
      interrupted = signal;
      if (service.result !== undefined) service.stop('interrupted', undefined, 'signal');
      // A start may wait for a token; the service closes, which ends the wait.
      else void service.close('interrupted');
    },
    again(signal) {
      if (service.result !== undefined) service.stop('interrupted', 0, 'signal');
      setTimeout(() => process.exit(signalExit(signal)), 1000).unref();
    },
  });
  return { interrupted: () => interrupted, stopListening };
}

/** @param assumed what holds where it cannot be found out */
function hasTerminal(assumed = false): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch (error) {
    // ENXIO: none. Without a free descriptor it is not known, and a reload is less than an end.
    return (error as NodeJS.ErrnoException).code === 'EMFILE' && assumed;
  }
}
