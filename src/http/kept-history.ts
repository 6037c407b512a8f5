import { SoakError } from '../core/errors.ts';
import type { AppService } from './app-service.ts';
import type { RunHistory } from './run-history.ts';

/** Returns the history. @throws SoakError HISTORY_UNUSABLE if none is kept */
export function keptHistory(service: Pick<AppService, 'history'>): RunHistory {
  const kept = service.history();
  if (kept !== undefined) return kept;
  throw new SoakError(
    'HISTORY_UNUSABLE',
    'no history is kept: soakd runs with --data none, or its data folder cannot be written',
  );
}
