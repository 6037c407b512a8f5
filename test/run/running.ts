import { after } from 'node:test';
import type { Cell, StreamLayout } from '../../src/catalog/slots.ts';
import { SoakError } from '../../src/core/errors.ts';
import type { Run } from '../../src/core/run.ts';
import type { Scenario } from '../../src/core/scenario.ts';
import type { Engine } from '../../src/load/engine.ts';
import type { EngineEvents } from '../../src/load/engine-events.ts';
import type { Setup } from '../../src/run/run-result.ts';
import { Runner } from '../../src/run/runner.ts';
import type { Piece } from '../../src/shapes/piece.ts';
import type { Sink, StreamSnapshot } from '../../src/sink/sink.ts';
import { observe } from '../../support/core/observe.ts';
import { closed, planOf } from '../../support/load/samples.ts';
import { configOf, LAYOUT, target } from '../../support/run/samples.ts';

/** Does nothing by itself; counts what a test tells it to have counted. */
class FakeEngine {
  readonly #layout: StreamLayout;
  readonly counted: Float64Array;
  readonly stops: number[] = [];
  readonly follows: { readonly pieces: readonly Piece[]; readonly graceMs: number }[] = [];
  startedAtMs: number | undefined;
  closed = false;
  restarts = 0;
  learned: 'done' | 'none' | undefined;

  learnedEnd(): 'done' | 'none' | undefined {
    return this.learned;
  }

  readonly events: EngineEvents;
  readonly #drained = Promise.withResolvers<void>();

  constructor(events: EngineEvents, layout: StreamLayout = LAYOUT) {
    this.events = events;
    this.#layout = layout;
    this.counted = new Float64Array(layout.size);
  }

  count(cell: Cell, n: number, t = 0): void {
    this.counted[this.#layout.slots[t]!.cell[cell]]! += n;
  }

  ttfb(ms: number): void {
    observe(this.counted, this.#layout.slots[0]!.histogram.ttfb, ms);
  }

  duration(ms: number): void {
    observe(this.counted, this.#layout.slots[0]!.histogram['duration:success'], ms);
  }

  readonly size = 1;
  readonly heaps = [];
  readonly threads = 0;
  readonly deaths = 0;

  start(atMs: number): void {
    this.startedAtMs = atMs;
  }

  stop(graceMs: number): void {
    this.stops.push(graceMs);
  }

  follow(pieces: readonly Piece[], graceMs: number): void {
    this.follows.push({ pieces, graceMs });
  }

  values(): Float64Array {
    return this.counted.slice();
  }

  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  drain(): void {
    this.#drained.resolve();
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

interface Told {
  readonly what: 'start' | 'add' | 'stop';
  readonly run: Run;
  readonly snapshot: StreamSnapshot;
}

class RecordingSink implements Sink {
  readonly told: Told[] = [];
  #waiting: (() => void)[] = [];

  start(run: Run, snapshot: StreamSnapshot): void {
    this.#tell({ what: 'start', run, snapshot });
  }
  add(run: Run, snapshot: StreamSnapshot): void {
    this.#tell({ what: 'add', run, snapshot });
  }
  stop(run: Run, snapshot: StreamSnapshot): void {
    this.#tell({ what: 'stop', run, snapshot });
  }

  async until(state: Run['state']): Promise<Run> {
    while (this.told.at(-1)?.run.state !== state) await new Promise<void>((done) => this.#waiting.push(done));
    return this.told.at(-1)!.run;
  }

  get states(): string[] {
    return this.told.map(({ what, run }) => `${what} ${run.state}`).filter((s, i, all) => s !== all[i - 1]);
  }

  #tell(told: Told): void {
    this.told.push(told);
    for (const done of this.#waiting.splice(0)) done();
  }
}

export const SHORT: Scenario = closed({ stages: [{ shape: 'hold', level: 2, durationMs: 1 }] });
export const LONG: Scenario = closed({ stages: [{ shape: 'hold', level: 8, durationMs: 3_600_000 }] });

/** A runner with an engine that does nothing, and all that it tells. After the test its run ends. */
export function setUp(sinks: readonly Sink[] = [], changed: (setup: Setup) => void = () => {}) {
  const engines: FakeEngine[] = [];
  const errors: string[] = [];
  const logged: string[] = [];
  const sink = new RecordingSink();
  const runner = new Runner({
    setup: {
      config: configOf([target('a'), target('b')]),
      counted: ['a', 'b'],
      timingLimits: { ttfb: [1234] },
      layout: LAYOUT,
    },
    openEngine: async (_plan, layout, events) => {
      const engine = new FakeEngine(events, layout);
      engines.push(engine);
      return engine as unknown as Engine;
    },
    changed,
    sinks: [...sinks, sink],
    log: {
      info: (facts, text) => {
        if (text === 'pending configuration applied') logged.push(`${text} ${JSON.stringify(facts)}`);
      },
      warn() {},
      error: (facts, text) => errors.push(`${text} ${JSON.stringify(facts)}`),
    },
  });
  after(() => {
    for (const engine of engines) engine.drain();
  });
  let n = 0;
  const start = (scenario: Scenario): Promise<Run> =>
    runner.start('test', async () => ({ ...planOf(scenario), runId: `run-${++n}` }));
  return { runner, sink, engines, errors, logged, start };
}

export const refusal = (code: string) => (error: unknown) =>
  error instanceof SoakError && error.code === code;
