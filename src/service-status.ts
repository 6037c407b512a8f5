import type { ScheduleState } from './core/schedule.ts';
import { publicUrl } from './core/shown-url.ts';
import type { History } from './history/history.ts';
import type { Status } from './http/status.ts';
import type { Runner } from './run/runner.ts';
import type { ProgressSink } from './sink/progress.ts';
import type { Summaries } from './summaries.ts';
import { BUILD } from './version.ts';

export interface StatusSources {
  readonly runner: Pick<Runner, 'run' | 'last' | 'setup' | 'scenario' | 'starting' | 'snapshot'>;
  readonly progress: Pick<ProgressSink, 'detailed'>;
  readonly summaries: Pick<Summaries, 'of'>;
  readonly schedules: readonly ScheduleState[];
  /** Absent: no history is kept. */
  readonly history: Pick<History, 'path' | 'sizeBytes' | 'failing'> | undefined;
}

/** Returns the status of the service. */
export function statusOf({ runner, progress, summaries, schedules, history }: StatusSources): Status {
  const { run, last, setup, scenario } = runner;
  const { config } = setup;
  const active = run !== undefined && run.state !== 'finished' ? run : undefined;
  const names = (scenario?.targets ?? []).map(({ name }) => name);
  return {
    version: BUILD.version,
    state: active?.state ?? (runner.starting ? 'starting' : 'idle'),
    run:
      active === undefined
        ? null
        : { ...active, progress: progress.detailed(active, runner.snapshot(), names) },
    last: last === undefined ? null : summaries.of(last),
    scenarios: Object.keys(config.scenarios),
    schedules,
    history:
      history === undefined
        ? null
        : { path: history.path, sizeBytes: history.sizeBytes, failing: history.failing ?? null },
    targets: config.targets.map(({ name, endpoint, format }) => ({
      name,
      url: endpoint.kind === 'url' ? publicUrl(endpoint.url) : 'the built-in simulator',
      format,
    })),
  };
}
