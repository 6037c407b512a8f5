import { deserialize, serialize } from 'node:v8';
import type { StreamLayout } from './catalog/slots.ts';
import { convertValues } from './core/convert.ts';
import { formatDuration } from './core/duration.ts';
import { messageOf } from './core/errors.ts';
import type { Run } from './core/run.ts';
import type { Config } from './core/scenario.ts';
import type { StreamResult } from './core/stream-result.ts';
import { FolderLock } from './history/folder.ts';
import { HistorySink, type KeptPart } from './history/history-sink.ts';
import { recordLayout, restoreLayout } from './history/layout-record.ts';
import type { OpenedHistory } from './history/open.ts';
import type { KeptLayout } from './history/reader.ts';
import type { RunEnd } from './history/records.ts';
import { packTotals, TOTALS_KEY } from './history/totals.ts';
import type { CutWindow } from './history/window-cutter.ts';
import { restoreCheckpoint } from './run/checkpoint.ts';
import { closeRun } from './run/close-run.ts';
import type { ResumedRun } from './run/new-run.ts';
import { publicConfig } from './run/public-config.ts';
import type { Runner } from './run/runner.ts';
import type { RunnerLog } from './run/runner-options.ts';
import { setupOf } from './run/setup.ts';
import type { SetupSummary } from './schema/setup.ts';
import type { HistorySummary, Summary } from './schema/summary.ts';
import type { Summaries } from './summaries.ts';

/** Resumes of a run within {@link RESUMES_WITHIN_MS}; a run that ends its process more often is not resumed. */
const MAX_RESUMES = 3;
const RESUMES_WITHIN_MS = 600_000;
/** Part of the state of a run: its configuration without secrets. */
const CONFIG_KEY = 'config';
/** Part of the state of a run: its failed writes. */
const FAILURES_KEY = 'writeFailures';
/** Part of the state of a run: the layout of its other parts. It is not that of the windows after a resume. */
const LAYOUT_KEY = 'layout';

export interface KeptRunsOptions {
  readonly opened: OpenedHistory;
  readonly runner: () => Runner;
  readonly summaries: Summaries;
  /** Latest failed streams: those that earlier processes kept of an unfinished run are added. */
  readonly failures: { restore(earlier: readonly StreamResult[]): void };
  readonly log: RunnerLog;
  /** Called with each window of a run as it is written. */
  readonly cut?: (window: CutWindow) => void;
}

export interface SettleOptions {
  /** Whether an unfinished run of `soakd serve` continues. */
  readonly policy: 'auto' | 'never';
  /** The longest gap after which a run continues, ms. */
  readonly maxGapMs: number;
  readonly resume: (resumed: ResumedRun) => Promise<Run>;
  /** Called with the values of the run to be resumed, where counters are complete with them: a resume can take long. */
  readonly counted: (values: Float64Array) => void;
  /** Aborted at the end of this process: what is not settled then stays for the next one. */
  readonly ending: AbortSignal;
}

/** The runs of the history: writes those of this process, and settles those that earlier processes left unfinished. */
export class KeptRuns {
  readonly #options: KeptRunsOptions;
  #sink: HistorySink | undefined;
  /** By resumed run: the number of the first window that it has here. */
  readonly #firstWindows = new Map<string, number>();
  #resumes = 0;
  #gapSeconds = 0;
  #aborted = 0;
  /** Failed writes of this process that do not belong to the current run, less those of the run in earlier processes. */
  #otherFailures = 0;
  /** A run that earlier processes began, its failed writes there, and its windows of lag. */
  #begun:
    | {
        readonly run: string;
        readonly failures: number;
        readonly quality: { readonly windows: number; readonly unreliable: number };
      }
    | undefined;

  constructor(options: KeptRunsOptions) {
    this.#options = options;
  }

  /** Runs that this process resumed, the length of their gaps, and runs that it closed. */
  get counts(): { readonly resumes: number; readonly gapSeconds: number; readonly aborted: number } {
    return { resumes: this.#resumes, gapSeconds: this.#gapSeconds, aborted: this.#aborted };
  }

  /** How the current run is kept, or the one that has just finished. */
  get summary(): HistorySummary {
    const { failing, failures } = this.#options.opened.history;
    return { kept: true, writeFailures: failures - this.#otherFailures, failing: failing ?? null };
  }

  /** Returns the sink that writes runs. */
  sink(): HistorySink {
    const { opened, runner, summaries, cut } = this.#options;
    const isService = opened.source === 'serve';
    this.#sink = new HistorySink({
      history: opened.history,
      source: opened.source,
      facts: (run) => {
        const begun = this.#begun?.run === run.id ? this.#begun : undefined;
        const earlier = begun?.failures ?? 0;
        this.#otherFailures = opened.history.failures - earlier;
        const { config, timingLimits } = runner().setup;
        const scenario = runner().scenario ?? config.scenarios[run.scenario]!;
        return {
          setup: JSON.stringify(summaries.setup(config, scenario)),
          targets: scenario.targets.map(({ name }) => name),
          timingLimits,
          firstWindow: this.#firstWindows.get(run.id) ?? 0,
          earlierQuality: begun?.quality,
        };
      },
      checkpoint: () => this.#parts(),
      quality: () => runner().quality,
      values: () => runner().last!.values,
      end: () => endOf(summaries.of(runner().last!)),
      keepsTotals: isService,
      cut,
    });
    return this.#sink;
  }

  /** Keeps the current run as it is now for the next process, which continues it. */
  suspend(): void {
    this.#sink?.suspend();
    this.#options.runner().suspend();
  }

  get isSuspended(): boolean {
    return this.#sink?.isSuspended === true;
  }

  /** Continues or closes the runs that earlier processes left unfinished. Call once, before the first run. */
  async settle(options: SettleOptions): Promise<void> {
    const { opened, log } = this.#options;
    const unfinished = await opened.history.read('unfinished');
    let isNewest = true;
    for (const { id, source, owner } of unfinished) {
      if (options.ending.aborted) return;
      if (source === 'run' && !FolderLock.isFree(opened.folder.path, owner)) continue;
      if (source === 'serve' && opened.source !== 'serve') continue;
      const isOnly = unfinished.length === 1;
      const refusal = await this.#settle(id, source === 'serve' && isNewest, isOnly, options);
      if (source === 'serve') isNewest = false;
      if (refusal !== undefined) log.warn({ run: id, detail: refusal }, 'closed an unfinished run');
    }
  }

  /** @returns why the run was not resumed; `undefined`: it was, or it is left to the next process */
  async #settle(
    id: string,
    mayResume: boolean,
    isOnly: boolean,
    options: SettleOptions,
  ): Promise<string | undefined> {
    const { opened, runner } = this.#options;
    const { history } = opened;
    const unfinished = await this.#read(id);
    if (options.ending.aborted) return undefined;
    const { targets } = runner().setup.config;
    this.#options.failures.restore(
      unfinished.failures.filter(({ target }) => targets.some(({ name }) => name === target)),
    );
    let refusal = mayResume ? undefined : 'only the latest run of soakd serve is resumed';
    const resumed = unfinished.in(runner().setup.layout);
    refusal ??= resumed === undefined ? 'its state cannot be read' : this.#refusal(resumed, options);
    if (refusal === undefined) {
      history.adopt(id);
      const { windows, unreliable } = resumed!.lag;
      this.#begun = { run: id, failures: unfinished.writeFailures, quality: { windows, unreliable } };
      this.#firstWindows.set(id, unfinished.windows);
      if (isOnly) options.counted(resumed!.values);
      try {
        const run = await options.resume(resumed!);
        const { fromAt, toAt } = run.gaps.at(-1)!;
        this.#resumes++;
        this.#gapSeconds += (toAt - fromAt) / 1000;
        return undefined;
      } catch (error) {
        if (options.ending.aborted) return undefined;
        refusal = `it could not be resumed: ${messageOf(error)}`;
      }
    }
    const { source, config } = unfinished;
    const setup = config && setupOf(config, unfinished.targets);
    const state = setup && unfinished.in(setup.layout);
    let end: RunEnd = {
      verdict: 'aborted',
      reason: 'process_died',
      endedAt: unfinished.lastAt,
      summary: 'null',
    };
    if (setup !== undefined && state !== undefined) {
      const result = closeRun(state, setup);
      // The setup as it was at the start: the kept configuration has no secrets, and so another hash.
      const summary = {
        ...this.#options.summaries.of(result),
        setup: unfinished.setup as SetupSummary,
        history: { kept: true, writeFailures: unfinished.writeFailures, failing: null },
      };
      end = { ...endOf(summary), endedAt: result.run.endedAt };
      if (source === 'serve')
        runner().include(convertValues(setup.layout, runner().setup.layout, result.values));
    }
    if (source === 'serve') this.#aborted++;
    history.closeWindows(id);
    const { layout, timingLimits } = runner().setup;
    const totals = packTotals({ layout, timingLimits, values: runner().snapshot().values });
    history.write({ run: id, end, ...(source === 'serve' ? { service: { [TOTALS_KEY]: totals } } : {}) });
    return refusal;
  }

  /** Reads what an earlier process left of a run. */
  async #read(id: string) {
    const { history } = this.#options.opened;
    const parts = await history.read('states', id);
    const layout = parts.get(LAYOUT_KEY);
    const { targets, record } =
      layout === undefined ? await history.read('layout', id) : (deserialize(layout) as KeptLayout);
    const { kept } = restoreLayout(targets, record);
    const { events, failures, setup, source, startedAt } = await history.read('show', id);
    const last = await history.read('lastWindow', id);
    const config = parts.get(CONFIG_KEY);
    const writeFailures = parts.get(FAILURES_KEY);
    return {
      source,
      failures,
      writeFailures: writeFailures === undefined ? 0 : (deserialize(writeFailures) as number),
      setup,
      targets,
      lastAt: last?.toAt ?? startedAt,
      windows: last === undefined ? 0 : last.n + 1,
      config: config && (deserialize(config) as Config),
      in(layout: StreamLayout): ResumedRun | undefined {
        const state = restoreCheckpoint(parts, kept.size, (values) => convertValues(kept, layout, values));
        return state && { ...state, events };
      },
    };
  }

  /** Returns why a run is not resumed; `undefined`: it is. */
  #refusal({ active }: ResumedRun, { policy, maxGapMs }: SettleOptions): string | undefined {
    if (policy === 'never') return '--resume never turns resumes off';
    const now = Date.now();
    const gapMs = now - active.at;
    if (gapMs > maxGapMs)
      return `its last record is ${formatDuration(Math.round(gapMs / 1000) * 1000)} old, more than ${formatDuration(maxGapMs)} (history.maxGap)`;
    const recent = active.gaps.filter(({ toAt }) => toAt > now - RESUMES_WITHIN_MS).length;
    if (recent >= MAX_RESUMES)
      return `it was resumed ${recent} times within ${formatDuration(RESUMES_WITHIN_MS)}`;
    const { config } = this.#options.runner().setup;
    const missing = active.scenario.targets.filter(
      ({ name }) => !config.targets.some((t) => t.name === name),
    );
    if (missing.length > 0)
      return `the configuration no longer has its target ${missing.map(({ name }) => name).join(', ')}`;
    return undefined;
  }

  #parts(): KeptPart[] {
    const runner = this.#options.runner();
    const { writeFailures } = this.summary;
    const { config, layout, timingLimits } = runner.setup;
    const targetsAndLayout = (): KeptLayout => ({
      targets: layout.targets,
      record: recordLayout(layout, timingLimits),
    });
    return [
      { key: CONFIG_KEY, version: config, pack: () => serialize(publicConfig(config)) },
      { key: LAYOUT_KEY, version: layout, pack: () => serialize(targetsAndLayout()) },
      { key: FAILURES_KEY, version: writeFailures, pack: () => serialize(writeFailures) },
      ...runner.checkpoint(),
    ];
  }
}

function endOf(summary: Summary): RunEnd {
  const { verdict, endReason, run } = summary;
  return { verdict, reason: endReason, endedAt: Date.parse(run.endedAt), summary: JSON.stringify(summary) };
}
