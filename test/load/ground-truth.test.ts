/** TPOT and goodput of every stream, against the simulator's ground truth of what it sent and when. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { StreamView } from '../../src/catalog/slots.ts';
import { FAULTS, type SimulatorOptions } from '../../src/core/simulator.ts';
import type { Objective } from '../../src/core/target.ts';
import { FORMATS, type Format, formatNamed } from '../../src/formats/list.ts';
import type { FrameSet, Framing } from '../../src/sim/frames.ts';
import type { StreamRecord } from '../../src/sim/ledger.ts';
import { isWithin, tpotMs } from '../../src/sim/quality.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { streamTarget } from '../../support/load/samples.ts';
import { PATHS } from '../sim/client.ts';
import { Bench, OBJECTIVES, type SeenQuality } from './quality-bench.ts';
import { answerOn, VirtualTimers } from './simulator-wire.ts';

const STREAMS = 20_000;
const SEED = Number(process.env.SOAKD_FUZZ_SEED ?? 1);
/** How often the limits of an open stream are applied, as in an engine thread; ms. */
const SWEEP_MS = 100;
/** Above what a good answer here takes. */
const TIMEOUTS = { connectMs: 10_000, ttfbMs: 6000, idleMs: 6000, totalMs: 25_000, lingerMs: 300 };

/** Of all kinds, a line of 100 MB but seldom. */
const SHARES = Object.fromEntries(FAULTS.map((fault) => [fault, fault === 'hugeLine' ? 0.002 : 0.012]));

/** An answer without end and without gaps is millions of chunks before the client's limit. */
const WITH_END = { ...SHARES, endless: 0 };

const uniform = (from: number, to: number) => ({ kind: 'uniform', from, to }) as const;

function workload(overrides: Partial<SimulatorOptions>): SimulatorOptions {
  return {
    seed: SEED,
    format: 'sse',
    ttfbMs: uniform(0, 1000),
    gapMs: uniform(0, 40),
    chunks: uniform(1, 40),
    characters: uniform(1, 60),
    faults: SHARES,
    ...overrides,
  };
}

/** Answers from those that are there at once to those that take ten seconds. */
const WORKLOADS: readonly SimulatorOptions[] = [
  workload({}),
  workload({ ttfbMs: uniform(0, 4000), gapMs: uniform(0, 1200), chunks: uniform(1, 12) }),
  workload({ gapMs: uniform(0, 200), chunks: uniform(1, 60) }),
  workload({ ttfbMs: uniform(0, 0), gapMs: uniform(0, 3), chunks: uniform(20, 120), faults: WITH_END }),
  workload({ behaviours: [{ kind: 'pause', forMs: 800, everyMs: 5000 }] }),
  workload({ roofline: true, faults: WITH_END }),
];
/** On `raw` a chunk is a read, and these answers are joined to fewer writes than they have chunks. */
const JOINED = WORKLOADS.length - 1;

/** Reports other numbers of tokens than it sends chunks, as models do: more, fewer, and none at all. */
class Talkative extends Simulation {
  override frames(format: Format, framing: Framing): FrameSet {
    const frames = super.frames(format, framing);
    return { ...frames, closing: (end) => frames.closing({ ...end, chunks: tokensOf(end.chunks) }) };
  }
}

function tokensOf(chunks: number): number {
  return [chunks, 3 * chunks + 1, Math.ceil(chunks / 2), 7 * chunks, 1, 0][chunks % 6]!;
}

/** What a request asks for: usage, an answer that is cut, or nothing. */
function bodyOf(n: number): string {
  const limit = 3 + (n % 9);
  return JSON.stringify({
    ...(n % 2 === 0 ? { stream_options: { include_usage: true } } : {}),
    ...(n % 7 === 0
      ? {
          max_tokens: limit,
          max_output_tokens: limit,
          generationConfig: { maxOutputTokens: limit },
          options: { num_predict: limit },
        }
      : {}),
  });
}

/** What was sent, in the words of what was counted. @param connectMs which the simulator cannot know */
function truthOf(record: StreamRecord, objective: Objective | undefined, connectMs: number) {
  const success = record.outcome === 'complete' || record.outcome === 'limited';
  const ms = tpotMs(record);
  const limits =
    objective?.durationMs === undefined
      ? objective
      : { ...objective, durationMs: objective.durationMs - connectMs };
  return {
    success,
    tpot: success && ms !== null ? { ms, byChunks: record.outputTokens === null } : undefined,
    within: limits !== undefined && isWithin(record, limits),
  };
}

describe('quality of streams against the ground truth of the simulator', () => {
  after(() => timers?.reset());
  let timers: VirtualTimers | undefined;

  it(`TPOT and goodput of ${STREAMS} streams, with every fault in every format, equal it stream by stream`, () => {
    const targets = FORMATS.flatMap((format) =>
      OBJECTIVES.map((objective, n) => {
        const { contentTypes, terminals } = formatNamed(format);
        return streamTarget(`${format}-${n}`, {
          format,
          contentTypes,
          transport: 'lean',
          fresh: true,
          timeouts: TIMEOUTS,
          ...(terminals.usual === undefined ? {} : { terminal: terminals.usual }),
          ...(objective === undefined ? {} : { objective }),
        });
      }),
    );
    const bench = new Bench(targets);
    timers = new VirtualTimers(bench);
    const simulations = WORKLOADS.map((options) => new Talkative(options));
    const sums = targets.map(() => ({ tpot: 0, tpotMs: 0, byChunks: 0, within: 0, successes: 0 }));
    const played = new Set<string>();

    for (let n = 0; n < STREAMS; n++) {
      const t = n % targets.length;
      const { format, objective } = targets[t]!;
      const drawn = Math.floor(n / targets.length) % WORKLOADS.length;
      const simulation = simulations[format === 'raw' && drawn === JOINED ? 0 : drawn]!;
      const connectMs = n % 4 === 0 ? 0 : n % 50;

      const wire = bench.start(t, connectMs);
      const response = answerOn(wire, simulation, {
        id: bench.id,
        path: PATHS[format as Format],
        body: bodyOf(n),
      });
      const isOver = (): boolean => bench.outcome !== undefined;
      while (!isOver()) {
        timers.run(bench.nowMs + SWEEP_MS, isOver);
        bench.sweep();
      }
      response.close();
      assert.equal(timers.pending, 0, 'nothing is held');

      const [record] = simulation.ledger.recent(1).finished;
      assert.equal(record!.id, bench.id);
      const label = `stream ${n} of seed ${SEED}, ${format}, ${record!.fault}: ${JSON.stringify(record)}`;
      assert.equal(bench.outcome, record!.outcome, label);
      const truth = truthOf(record!, objective, connectMs);
      assertEqual(bench.seen, truth, label);
      played.add(`${format} ${record!.fault}`);

      const sum = sums[t]!;
      sum.successes += Number(truth.success);
      sum.tpot += truth.tpot === undefined ? 0 : 1;
      sum.tpotMs += truth.tpot?.ms ?? 0;
      sum.byChunks += Number(truth.tpot?.byChunks === true);
      sum.within += Number(truth.within);
    }

    const view = new StreamView(bench.layout, bench.record.values);
    sums.forEach((sum, t) => {
      const { name } = targets[t]!;
      const { count, mean } = view.histogram(t, 'tpot').stats();
      assert.deepEqual(
        [count, view.cell(t, 'tpotByChunks'), view.cell(t, 'goodput:part')],
        [sum.tpot, sum.byChunks, sum.within],
        name,
      );
      assert.ok(Math.abs((mean ?? 0) * count - sum.tpotMs) < 1e-6 * (1 + sum.tpotMs), name);
    });
    // Streams that are all alike would prove little.
    const total = (of: (sum: (typeof sums)[number]) => number): number =>
      sums.reduce((all, sum) => all + of(sum), 0);
    assert.ok(
      played.size > 0.85 * FORMATS.length * FAULTS.length,
      `${played.size} pairs of format and fault`,
    );
    assert.ok(total((s) => s.byChunks) > 2000 && total((s) => s.tpot - s.byChunks) > 2000);
    for (const n of OBJECTIVES.keys()) {
      const own = sums.filter((_, t) => t % OBJECTIVES.length === n);
      const [within, most] = [
        own.reduce((a, s) => a + s.within, 0),
        own.reduce((a, s) => a + s.successes, 0),
      ];
      if (OBJECTIVES[n] === undefined) assert.equal(within, 0);
      else assert.ok(within > 0.1 * most && within < 0.9 * most, `objective ${n}: ${within} of ${most}`);
    }
  });
});

function assertEqual(seen: SeenQuality, truth: ReturnType<typeof truthOf>, label: string): void {
  assert.deepEqual(
    [seen.success, seen.within, seen.tpot?.byChunks],
    [truth.success, truth.within, truth.tpot?.byChunks],
    label,
  );
  assert.ok(
    Math.abs((seen.tpot?.ms ?? 0) - (truth.tpot?.ms ?? 0)) <= 1e-6,
    `TPOT ${seen.tpot?.ms}, ${label}`,
  );
}
