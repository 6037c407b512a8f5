import { closeSync, openSync } from 'node:fs';

/** Signals that ask soakd to end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal to a terminal's process group comes several times: directly, from npm, from the bootstrap. What
 * comes within this time of the first is the same wish, ms.
 */
const SAME_MS = 300;

export interface SignalHandler {
  /** SIGHUP asks for the configuration to be read again; without this it asks to end. */
  reload?(): void;
  /** The first time: end in good order. */
  first(signal: NodeJS.Signals): void;
  /** A person is impatient: end at once. */
  again(signal: NodeJS.Signals): void;
}

/** @returns what stops the listening */
export function onSignals(handler: SignalHandler): () => void {
  let firstMs: number | undefined;
  const hadTerminal = hasTerminal();
  const listener = (signal: NodeJS.Signals): void => {
    // The same signal says that the terminal was closed.
    if (signal === 'SIGHUP' && handler.reload !== undefined && hasTerminal() === hadTerminal) {
      handler.reload();
      return;
    }
    const now = performance.now();
    if (firstMs === undefined) {
      firstMs = now;
      handler.first(signal);
    } else if (now - firstMs > SAME_MS) handler.again(signal);
  };
  // Whoever started us through the bootstrap is gone: nobody else would end us.
  const orphaned = (): void => listener('SIGTERM');
  for (const signal of SIGNALS) process.on(signal, listener);
  process.on('disconnect', orphaned);
  process.channel?.unref();
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
    process.off('disconnect', orphaned);
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
