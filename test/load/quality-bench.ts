import { streamLayout } from '../../src/catalog/slots.ts';
import { type Outcome, resultOf } from '../../src/core/outcome.ts';
import type { Objective } from '../../src/core/target.ts';
import { formatNamed } from '../../src/formats/list.ts';
import { allocateRecord, Recorder } from '../../src/load/recorder.ts';
import { VirtualUser } from '../../src/load/virtual-user.ts';
import { SUCCESS_SHARES } from '../../src/measures/list.ts';
import { isByChunks } from '../../src/measures/tpot.ts';
import type { HttpStream } from '../../src/stream/stream.ts';
import type { ReadyTarget } from '../../src/target/ready-target.ts';
import { connectorsOf } from '../../support/load/samples.ts';
import { type Wire, wireNetwork } from './wire-network.ts';

export const OBJECTIVES: readonly (Objective | undefined)[] = [
  undefined,
  { ttftMs: 500 },
  { maxGapMs: 100 },
  { tpotMs: 20 },
  { durationMs: 1500 },
  { ttftMs: 2000, maxGapMs: 1000, tpotMs: 80, durationMs: 10_000 },
];

/** What was counted of one stream. */
export interface SeenQuality {
  readonly success: boolean;
  /** ms; absent: not measured. */
  readonly tpot: { readonly ms: number; readonly byChunks: boolean } | undefined;
  readonly bufferable: boolean;
  readonly buffered: boolean;
  readonly within: boolean;
}

type Note = { -readonly [K in keyof SeenQuality]: SeenQuality[K] };

/** Has what is counted of a stream at its end written down in `at.seen`, beside the counting. */
export function watchQuality(recorder: Recorder, at: { readonly seen: Note }): void {
  for (const target of recorder.targets) {
    const { succeeded, timing } = target;
    target.timing = (name, ms) => {
      if (name === 'tpot') at.seen.tpot = { ms, byChunks: false };
      timing.call(target, name, ms);
    };
    target.succeeded = (stream) => {
      succeeded.call(target, stream);
      if (at.seen.tpot !== undefined) at.seen.tpot = { ...at.seen.tpot, byChunks: isByChunks(stream) };
      const counted = SUCCESS_SHARES.filter(({ has }) => has(stream)).map(({ cell }) => cell);
      at.seen.bufferable = counted.includes('buffered:whole');
      at.seen.buffered = counted.includes('buffered:part');
      at.seen.within = counted.includes('goodput:part');
    };
  }
}

/** One virtual user whose streams are read from a wire, at moments of a clock that only the test moves. */
export class Bench {
  readonly layout;
  readonly record;
  readonly #user: VirtualUser;
  readonly #network = wireNetwork();
  readonly #open = new Set<HttpStream>();
  nowMs = 0;
  /** Of the stream that was started last. */
  seen: Note = nothing();
  /** Of the same; absent while it is open. */
  outcome: Outcome | undefined;
  /** Of the same. */
  id = '';

  constructor(targets: readonly ReadyTarget[]) {
    this.layout = streamLayout(
      targets.map((t) => t.name),
      {},
    );
    this.record = allocateRecord(this.layout);
    const recorder = new Recorder(this.layout, this.record);
    watchQuality(recorder, this);
    this.#user = new VirtualUser('u', {
      runId: 'r',
      targets,
      connectors: connectorsOf({ targets }, this.#network, () => this.nowMs),
      classifiers: targets.map((t) => formatNamed(t.format).classifier(t)),
      recorder,
      clock: () => this.nowMs,
      open: this.#open,
      finished: ({ outcome }) => {
        this.seen.success = resultOf(outcome) === 'success';
        this.outcome = outcome;
      },
    });
  }

  /** Starts a stream a second after the last one. @returns its connection, on which the request is written */
  start(target: number, connectMs: number): Wire {
    this.seen = nothing();
    this.outcome = undefined;
    this.nowMs += 1000;
    this.#user.start(target, undefined, this.nowMs, () => {});
    for (const { id } of this.#open) this.id = id;
    this.nowMs += connectMs;
    this.#network.last.open();
    return this.#network.last;
  }

  /** Applies the limits of the target to the stream that is open. */
  sweep(): void {
    for (const stream of this.#open) stream.sweep(this.nowMs);
  }
}

/** What is seen of a stream that has not ended. */
export function nothing(): SeenQuality {
  return { success: false, tpot: undefined, bufferable: false, buffered: false, within: false };
}
