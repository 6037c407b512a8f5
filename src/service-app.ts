import { checkText, TEXT_NAME } from './config/check-thread.ts';
import { SoakError } from './core/errors.ts';
import type { History } from './history/history.ts';
import { WindowSink } from './history/window-cutter.ts';
import type { AppService } from './http/app-service.ts';
import type { EventFeed } from './http/events/feed.ts';
import type { ConfigurationCheck } from './http/live-configuration.ts';
import { writeKeptReport } from './kept-report/report-thread.ts';
import type { Log } from './log.ts';
import type { Runner } from './run/runner.ts';
import type { Configuration } from './service-configuration.ts';
import { liveConfiguration } from './service-live-configuration.ts';
import { ServiceThresholds } from './service-thresholds.ts';
import type { FailureStore } from './sink/failure-store.ts';
import type { Sink } from './sink/sink.ts';
import { BUILD } from './version.ts';

export interface AppSources extends Pick<AppService, 'status' | 'ready' | 'scrape' | 'startRun' | 'reload'> {
  readonly runner: () => Runner;
  readonly configuration: Pick<Configuration, 'config' | 'access' | 'reloads'>;
  /** File of the configuration as it was named; absent: it came from flags. */
  readonly file: string | undefined;
  readonly failures: Pick<FailureStore, 'list'>;
  readonly history: History | undefined;
  readonly feed: EventFeed;
  readonly log: Log['logger'];
}

/** Returns the dependencies of the routes. */
export function appOf(sources: AppSources): AppService {
  const { runner, configuration, file, failures, history, feed, log, ...own } = sources;
  const thresholds = new ServiceThresholds(runner);
  return {
    ...own,
    control: (control, by) => runner().control(control, by),
    access: () => configuration.access,
    openStreams: (query) => runner().openStreams(query),
    failures: (query) => failures.list(query),
    events: feed,
    thresholds: () => thresholds.get(),
    configuration: () =>
      liveConfiguration(configuration.config, file ?? null, configuration.reloads.successAt),
    checkConfiguration,
    history: () => history,
    report: (task) => {
      if (history === undefined) throw new SoakError('HISTORY_UNUSABLE', 'no history is kept');
      return writeKeptReport({ path: history.path, task });
    },
    version: `${BUILD.version} ${BUILD.revision}`,
    log,
  };
}

/** Returns the sink that cuts runs into windows for viewers where no history does. */
export function windowsOf(runner: () => Runner, feed: EventFeed): Sink {
  return new WindowSink({
    quality: () => runner().quality,
    targets: () => runner().scenario?.targets.map(({ name }) => name) ?? [],
    cut: (window) => feed.cut(window),
  });
}

/** A line of an issue: its place in the text, and what is wrong. */
const LINE = new RegExp(`^${TEXT_NAME}:(\\d+):\\d+:? (.*)$`, 's');

async function checkConfiguration(text: string): Promise<ConfigurationCheck> {
  const { targets, scenarios, lines } = await checkText(text);
  const issues = lines.map((line) => {
    const [, number, found] = LINE.exec(line) ?? [];
    return number === undefined ? { line: null, text: line } : { line: Number(number), text: found! };
  });
  return { valid: issues.length === 0, targets, scenarios, issues };
}
