import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CapacityResult } from '../../src/schema/capacity.ts';
import type { Counts } from '../../support/targets.ts';

/** What one run with a fixed number of users observed. */
export interface LevelResult {
  readonly kind: 'level';
  readonly users: number;
  readonly started: number;
  readonly complete: number;
  readonly failed: number;
  readonly ttfbMeanMs: number | null;
  readonly ttfbP95Ms: number | null;
  readonly durationMeanMs: number | null;
  readonly measurementErrorP99Ms: number | null;
  /** CPU seconds of soakd over the seconds of the run: 1 is a whole core. */
  readonly generatorCores: number;
  readonly verdict: string;
  /** The server's own; `null` where it did not answer. */
  readonly server: Counts | null;
  readonly loadBefore: number;
}

export interface SearchResult {
  readonly kind: 'capacity';
  readonly capacity: CapacityResult;
  readonly generatorCores: number;
  readonly server: Counts | null;
  readonly started: number;
  readonly complete: number;
  readonly loadBefore: number;
}

export interface FailedStep {
  readonly kind: 'failed';
  readonly message: string;
}

export type StepResult = LevelResult | SearchResult | FailedStep;

/** What decides the results: a bench continues only with the same. */
export interface Settings {
  readonly levels: readonly number[];
  readonly seconds: number;
  readonly capacityMinutes: number;
  readonly from: number;
  readonly maxUsers: number;
  /** Chunks in an answer on average. */
  readonly chunksMean: number;
}

interface Kept {
  readonly settings: Settings;
  readonly startedAt: string;
  /** Load average of a minute before the first step. */
  readonly loadBefore: number;
  readonly results: Record<string, StepResult>;
}

/** The results so far, in a file that each step renews. */
export class State {
  readonly #file: string;
  readonly #kept: Kept;

  private constructor(file: string, kept: Kept) {
    this.#file = file;
    this.#kept = kept;
  }

  /**
   * Opens the state of a folder, or makes it.
   * @throws Error where the folder has one of other settings
   */
  static open(folder: string, settings: Settings, now: { at: Date; load: number }): State {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'state.json');
    if (!existsSync(file)) {
      return new State(file, {
        settings,
        startedAt: now.at.toISOString(),
        loadBefore: now.load,
        results: {},
      });
    }
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    const [has, wanted] = [JSON.stringify(kept.settings), JSON.stringify(settings)];
    if (has !== wanted) {
      throw new Error(`${file} has the settings ${has}, expected ${wanted}: use another folder for --out`);
    }
    return new State(file, kept);
  }

  get startedAt(): string {
    return this.#kept.startedAt;
  }

  get loadBefore(): number {
    return this.#kept.loadBefore;
  }

  get(step: string): StepResult | undefined {
    return this.#kept.results[step];
  }

  /** Keeps a result; an interruption in the middle leaves the file as it was. */
  keep(step: string, result: StepResult): void {
    this.#kept.results[step] = result;
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(this.#kept, null, 2)}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
