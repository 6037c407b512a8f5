import { Socket } from 'node:net';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type StreamLayout, streamLayout } from '../../src/catalog/slots.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { formatNamed } from '../../src/formats/list.ts';
import type { Load } from '../../src/load/load.ts';
import type { Plan, Segment } from '../../src/load/plan.ts';
import { allocateRecord, Recorder, type SharedRecord } from '../../src/load/recorder.ts';
import type { UserContext } from '../../src/load/virtual-user.ts';
import type { HttpStream } from '../../src/stream/stream.ts';
import type { Network } from '../../src/transport/dial.ts';
import { connectorsOf } from '../../support/load/samples.ts';

/** Time that passes only when told to. Stands in for `setTimeout` until it is reset. */
export class VirtualTime {
  #nowMs = 0;

  constructor() {
    mock.timers.enable({ apis: ['setTimeout'] });
  }

  readonly clock = (): number => this.#nowMs;

  tick(ms: number): void {
    this.#nowMs += ms;
    mock.timers.tick(ms);
  }

  /** Time passes and no timer fires: the thread is starved. */
  freezeUntil(ms: number): void {
    this.#nowMs = ms;
  }

  reset(): void {
    mock.timers.reset();
  }
}

/** No socket ever connects: streams end when the test says so. */
const NOWHERE: Network = {
  lookup: () => assertUnused('lookup'),
  connect: () => new Socket(),
  secure: () => assertUnused('secure'),
};

function assertUnused(what: string): never {
  throw new Error(`${what} is not needed here`);
}

export interface Start {
  /** Name of the virtual user. */
  readonly user: string;
  readonly target: string;
  readonly atMs: number;
  readonly dueMs: number;
}

/** How a stream that starts at a time goes on; `undefined`: it stays open. */
export type Fate = (
  stream: HttpStream,
) => { readonly afterMs: number; readonly outcome: Outcome } | undefined;

/** One worker's load in virtual time, with streams that go nowhere. */
export class VirtualWorker {
  readonly starts: Start[] = [];
  readonly record: SharedRecord;
  readonly layout: StreamLayout;
  readonly load: Load;
  readonly #time: VirtualTime;
  readonly #open = new Set<HttpStream>();
  readonly #ends: { readonly atMs: number; readonly stream: HttpStream; readonly outcome: Outcome }[] = [];

  constructor(
    time: VirtualTime,
    plan: Plan,
    segment: Segment,
    fate: Fate,
    make: (plan: Plan, segment: Segment, context: UserContext) => Load,
  ) {
    this.#time = time;
    const layout = streamLayout(
      plan.targets.map((t) => t.name),
      {},
    );
    this.layout = layout;
    this.record = allocateRecord(layout);
    const recorder = new Recorder(layout, this.record);
    let lagMs = 0;
    recorder.scheduleLag = (ms) => {
      lagMs = ms;
    };
    this.#open.add = (stream) => {
      const user = /^r-(.*)-\d+$/.exec(stream.id)![1]!;
      this.starts.push({
        user,
        target: stream.target.name,
        atMs: time.clock(),
        dueMs: stream.startMs - lagMs,
      });
      const end = fate(stream);
      if (end !== undefined)
        this.#ends.push({ atMs: time.clock() + end.afterMs, stream, outcome: end.outcome });
      return Set.prototype.add.call(this.#open, stream) as Set<HttpStream>;
    };
    this.load = make(plan, segment, {
      runId: plan.runId,
      targets: plan.targets,
      connectors: connectorsOf(plan, NOWHERE, time.clock),
      classifiers: plan.targets.map((t) => formatNamed(t.format).classifier(t)),
      recorder,
      clock: time.clock,
      open: this.#open,
      finished() {},
    });
  }

  get open(): number {
    return this.#open.size;
  }

  /** Ends the streams whose time has come. They must have been given ends in the order of these. */
  settle(): void {
    while (this.#ends.length > 0 && this.#ends[0]!.atMs <= this.#time.clock()) {
      const { stream, outcome } = this.#ends.shift()!;
      stream.cancel(outcome);
    }
  }
}

/** Lets time pass for all workers, and node do what it put off. */
export async function pass(
  time: VirtualTime,
  workers: readonly VirtualWorker[],
  untilMs: number,
): Promise<void> {
  while (time.clock() < untilMs) {
    time.tick(1);
    for (const worker of workers) worker.settle();
    if (time.clock() % 500 === 0) await setImmediate();
  }
}
