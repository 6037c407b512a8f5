import { loadavg } from 'node:os';
import { defaultsOf } from './config/defaults.ts';
import type { Config, Scenario } from './core/scenario.ts';
import { limitsReader } from './machine/limits.ts';
import { type SetupFacts, setupSummary } from './report/setup-summary.ts';
import { summarize } from './report/summary.ts';
import type { RunResult } from './run/run-result.ts';
import type { CapacityResult } from './schema/capacity.ts';
import type { SetupSummary } from './schema/setup.ts';
import type { HistorySummary, Summary } from './schema/summary.ts';
import type { FailureStore } from './sink/failure-store.ts';
import { BUILD } from './version.ts';

/** Makes the summaries of runs, each once. */
export class Summaries {
  readonly #command: string | null;
  readonly #failures: Pick<FailureStore, 'examples'>;
  readonly #history: () => HistorySummary;
  readonly #capacity: (run: string) => CapacityResult | null;
  readonly #limits = limitsReader();
  readonly #made = new WeakMap<RunResult, Summary>();

  /**
   * @param command command line without secrets; `null` for `soakd serve`
   * @param history how the run that has just finished was kept
   * @param capacity result of the search that a run is, by its id; `null` of an ordinary run
   */
  constructor(
    command: string | null,
    failures: Pick<FailureStore, 'examples'>,
    history: () => HistorySummary,
    capacity: (run: string) => CapacityResult | null = () => null,
  ) {
    this.#capacity = capacity;
    this.#history = history;
    this.#command = command;
    this.#failures = failures;
  }

  /** Returns the summary of a finished run. */
  of(result: RunResult): Summary {
    // The page asks every two seconds, and a finished run does not change.
    const known = this.#made.get(result);
    if (known !== undefined) return known;
    const facts = this.#facts(result.config, result.scenario);
    const summary = summarize(result, this.#failures, facts, this.#history(), this.#capacity(result.run.id));
    this.#made.set(result, summary);
    return summary;
  }

  /** Returns the setup of a run, as its summary will have it. */
  setup(config: Config, scenario: Scenario): SetupSummary {
    return setupSummary(config, scenario, this.#facts(config, scenario));
  }

  #facts(config: Config, scenario: Scenario): SetupFacts {
    const { cpuCores, memoryBytes } = this.#limits();
    const [loadAverage = 0] = loadavg();
    const used = config.targets.filter((t) => scenario.targets.some((u) => u.name === t.name));
    return {
      soakd: { version: BUILD.version, revision: BUILD.revision, node: process.versions.node },
      command: this.#command,
      machine: { platform: `${process.platform} ${process.arch}`, cpuCores, memoryBytes, loadAverage },
      defaults: defaultsOf(used),
    };
  }
}
