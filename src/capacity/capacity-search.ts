import type { Control } from '../core/control.ts';
import type { Run } from '../core/run.ts';
import type { Transport } from '../core/target.ts';
import type { LagMoment } from '../run/measurement-quality/lag-watch.ts';
import type { CapacityResult, CapacityStep, SearchEnd, StepVerdict } from '../schema/capacity.ts';
import type { Sink, StreamSnapshot } from '../sink/sink.ts';
import type { LoadEvaluation } from './evaluate-load.ts';
import { resultOf } from './result.ts';
import { type Next, next, type SearchOptions } from './search.ts';
import { type FinishedStep, Step, type StepContext } from './step.ts';

/** Engine threads at work, how many have died, and what carries their streams. */
interface GeneratorState extends Pick<LagMoment, 'threads' | 'deaths'> {
  readonly transports: Iterable<Transport>;
}

export interface CapacitySearchOptions {
  readonly search: SearchOptions;
  readonly context: StepContext;
  /** Time that a step measures, and a confirming hold, ms. */
  readonly forMs: number;
  readonly holdMs: number;
  /** Time in which the load of the first step rises from 0, ms: the plan of the run has it. */
  readonly rampMs: number;
  /** Longest time of the search, ms: the plan of the run ends with it. */
  readonly maxTimeMs: number;
  /** Changes the run. @throws SoakError where it has ended */
  readonly control: (change: Control) => void;
  readonly generator: () => GeneratorState;
  /** Called after each step. */
  readonly stepped?: (step: CapacityStep) => void;
  /** Calls a function soon: a run must not be changed while it notifies its sinks. */
  readonly soon?: (call: () => void) => void;
}

/** Stream durations that a step, and a confirming hold, measure at least. */
const STEP_DURATIONS = 2;
const HOLD_DURATIONS = 4;
/** The longest rise of the load to the next step, ms. */
const MAX_RAMP_MS = 30_000;
/** Timers are not exact. */
const EARLY_MS = 1500;

/** Follows one run as a sink, and changes its load from step to step until the capacity is found. */
export class CapacitySearch implements Sink {
  readonly #options: CapacitySearchOptions;
  readonly #steps: CapacityStep[] = [];
  readonly #soon: (call: () => void) => void;
  /** The step that begins with the next moment. */
  #waiting: Extract<Next, { kind: 'try' }> | undefined;
  #current: Step | undefined;
  #load = 0;
  /** Of a stream, as the first step has learned it, ms. */
  #durationMs: number | undefined;
  #startMs = 0;
  #nowMs = 0;
  #stepMs = 0;
  #longestMs = 0;
  #ended: SearchEnd | undefined;
  #run: string | undefined;

  constructor(options: CapacitySearchOptions) {
    this.#options = options;
    this.#soon = options.soon ?? ((call) => void setImmediate(call));
  }

  /** Result so far; of an active search as if it were interrupted now. */
  get result(): CapacityResult {
    const { search, context } = this.#options;
    return resultOf(this.#steps, {
      model: context.model,
      most: search.most,
      precision: search.precision,
      ended: this.#ended ?? 'interrupted',
      lastedMs: this.#nowMs - this.#startMs,
    });
  }

  /** Returns the result so far of a run; `null` of another one. */
  of(run: string): CapacityResult | null {
    return run === this.#run ? this.result : null;
  }

  start(run: Run, snapshot: StreamSnapshot): void {
    this.#run = run.id;
    this.#startMs = snapshot.atMs;
    const first = next(this.#options.search, []);
    if (first.kind === 'try') this.#waiting = first;
    this.#begin(snapshot);
  }

  add(run: Run, snapshot: StreamSnapshot): void {
    if (this.#ended !== undefined) return;
    this.#nowMs = snapshot.atMs;
    if (run.state !== 'running') {
      // The plan ends with the time of the search; a signal, a budget or a lost thread end it earlier.
      const isPlanned = this.#passedMs >= this.#options.maxTimeMs - EARLY_MS;
      this.#end(isPlanned ? 'max-time' : 'interrupted');
      return;
    }
    if (this.#waiting !== undefined) {
      this.#begin(snapshot);
      return;
    }
    const finished = this.#current?.add(this.#moment(snapshot));
    if (finished === undefined) return;
    this.#current = undefined;
    this.#record(finished);
    this.#soon(() => this.#continue());
  }

  get #passedMs(): number {
    return this.#nowMs - this.#startMs;
  }

  #begin(snapshot: StreamSnapshot): void {
    const { load, confirms } = this.#waiting!;
    this.#waiting = undefined;
    this.#nowMs = snapshot.atMs;
    this.#stepMs = snapshot.atMs;
    const { context, forMs, holdMs } = this.#options;
    const options = {
      load,
      confirms,
      rampMs: this.#rampTo(load),
      forMs: confirms ? holdMs : forMs,
      minDurations: confirms ? HOLD_DURATIONS : STEP_DURATIONS,
      startedAt: new Date().toISOString(),
      transports: this.#options.generator().transports,
      durationMs: this.#durationMs,
    };
    this.#current = new Step(context, options, this.#moment(snapshot));
    this.#load = load;
  }

  #moment({ atMs, layout, values }: StreamSnapshot): LagMoment {
    const { threads, deaths } = this.#options.generator();
    return { atMs, layout, values, threads, deaths };
  }

  /** A load rises within the duration of a stream, so that new users do not stay in lockstep; it falls at once. */
  #rampTo(load: number): number {
    if (this.#durationMs === undefined) return this.#options.rampMs;
    return load > this.#load ? Math.round(Math.min(MAX_RAMP_MS, this.#durationMs)) : 0;
  }

  #record({ evaluation, step, durationMs }: FinishedStep): void {
    if (durationMs > 0) this.#durationMs ??= durationMs;
    const full = { ...step, verdict: this.#verdictOf(evaluation, step.load) };
    this.#longestMs = Math.max(this.#longestMs, this.#nowMs - this.#stepMs);
    this.#steps.push(full);
    this.#options.stepped?.(full);
  }

  /** A load that the generator leaves open twice in a row is one that it cannot measure. */
  #verdictOf({ verdict }: LoadEvaluation, load: number): StepVerdict {
    const last = this.#steps.at(-1);
    const isRepeated = last?.verdict === 'inconclusive' && last.load === load;
    return verdict === 'inconclusive' && isRepeated ? 'generator' : verdict;
  }

  #continue(): void {
    if (this.#ended !== undefined) return;
    const { search, context, maxTimeMs } = this.#options;
    const then = next(search, this.#steps);
    if (then.kind === 'end') this.#finish(then.ended);
    else if (this.#passedMs + this.#longestMs > maxTimeMs) this.#finish('max-time');
    else {
      this.#waiting = then;
      if (then.load === this.#load) return;
      const rampMs = this.#rampTo(then.load);
      const level = context.model === 'closed' ? { users: then.load } : { rate: then.load };
      this.#change({ action: 'set', ...level, ...(rampMs > 0 ? { rampMs } : {}) });
    }
  }

  #finish(ended: SearchEnd): void {
    this.#end(ended);
    this.#change({ action: 'skip' });
  }

  #end(ended: SearchEnd): void {
    this.#ended = ended;
    this.#current = undefined;
    this.#waiting = undefined;
  }

  /** A run that has ended in the meantime ends the search with its next moment. */
  #change(change: Control): void {
    try {
      this.#options.control(change);
    } catch {
      this.#end(this.#ended ?? 'interrupted');
    }
  }
}
