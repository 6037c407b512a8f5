import { LOG_LEVELS, type LogLevel } from './catalog/metrics.ts';
import type { RunVerdict } from './core/run.ts';
import type { Counters } from './history/kept-counters.ts';
import type { Runner } from './run/runner.ts';
import type { Tokens } from './run/tokens.ts';

export interface CounterSources {
  readonly logMessages: (level: LogLevel) => number;
  readonly logLinesDropped: number;
  readonly runs: Readonly<Record<RunVerdict, number>>;
  readonly runner: Pick<Runner, 'workerRestarts' | 'unreliableWindows' | 'setup'>;
  readonly tokens: Pick<Tokens, 'count'>;
  readonly kept:
    | { readonly resumes: number; readonly gapSeconds: number; readonly aborted: number }
    | undefined;
  readonly historyFailures: number;
}

/** Returns the counters of this process that are not counted by target, by name: they continue after a restart. */
export function serviceCounters(sources: CounterSources): Counters {
  const { logMessages, logLinesDropped, runs, runner, tokens, kept, historyFailures } = sources;
  const counters: Record<string, number> = {
    'worker restarts': runner.workerRestarts,
    'unreliable windows': runner.unreliableWindows,
    'log lines dropped': logLinesDropped,
    resumes: kept?.resumes ?? 0,
    'gap seconds': kept?.gapSeconds ?? 0,
    'history failures': historyFailures,
  };
  for (const level of LOG_LEVELS) counters[`log ${level}`] = logMessages(level);
  for (const [verdict, count] of Object.entries(runs)) counters[`runs ${verdict}`] = count;
  counters['runs aborted']! += kept?.aborted ?? 0;
  for (const target of runner.setup.counted)
    for (const what of ['refreshed', 'failed'] as const) {
      const count = tokens.count(target, what);
      if (count > 0) counters[`token ${what} ${target}`] = count;
    }
  return counters;
}
