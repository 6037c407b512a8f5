import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, describe, it } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { OUTCOMES, resultOf } from '../../src/core/outcome.ts';
import type { StreamResult } from '../../src/core/stream-result.ts';
import type { Objective } from '../../src/core/target.ts';
import type { Format } from '../../src/formats/list.ts';
import { VirtualUser } from '../../src/load/virtual-user.ts';
import type { StreamRecord } from '../../src/sim/ledger.ts';
import { isWithin, tpotMs } from '../../src/sim/quality.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { hold } from '../../support/holding.ts';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { serve } from '../../support/service.ts';
import { simulate } from '../../support/simulator.ts';
import { nothing, type SeenQuality, watchQuality } from '../load/quality-bench.ts';
import { PATHS, TINY, type Truth } from '../sim/client.ts';

/** What soakd calls an outcome that the simulator knows by another name. */
const SAME = ['http_error', 'inband_error', 'truncated', 'reset', 'stalled'] as const;

describe('a soak of the simulator, seen by a real Prometheus', { skip: needs('prometheus') }, () => {
  it('60 s at 200 users: PromQL = summary = ground truth, in streams, outcomes and chunks', async () => {
    const simulator = await simulate([
      '--preset=seed',
      ...['http503=1%', 'inbandError=1%', 'truncate=1%', 'reset=1%', 'stall=0.5%'].map((f) => `--fault=${f}`),
    ]);
    const service = await serve(`
targets:
  - { name: simulator, url: "${simulator.url}/", terminal: "[DONE]", timeouts: { idle: 5s, total: 120s } }
scenarios:
  soak: { target: simulator, stages: [{ users: 200, for: 60s }] }
`);
    const prometheus = await startPrometheus({ scrape: service.port });
    try {
      await prometheus.scraped();
      assert.equal(await prometheus.queryValue('soak_run_active'), 0);
      assert.equal((await service.startRun('soak')).status, 201);
      assert.equal((await service.startRun('soak')).status, 409, 'one run at a time');
      const summary = await service.finished(240_000);
      await prometheus.scraped();

      const truth = await simulator.groundTruth();
      assert.equal(truth.active, 0, 'the simulator holds nothing any more');
      assert.ok(summary.streams.started > 300, `${summary.streams.started} streams`);
      assert.equal(summary.streams.started, truth.started);
      assert.equal(summary.streams.active, 0);
      assert.equal(summary.streams.finished.complete, truth.finished.complete);
      for (const outcome of SAME) {
        assert.equal(summary.streams.finished[outcome], truth.finished[outcome], outcome);
      }
      assert.equal(summary.chunks, truth.chunks);
      assert.equal(summary.bytes, truth.bytes);
      assert.equal(summary.contentCharacters, truth.characters);

      const value = (promql: string) => prometheus.queryValue(promql);
      assert.equal(await value('soak_streams_started_total'), truth.started);
      for (const outcome of OUTCOMES) {
        const seen = await value(`soak_streams_finished_total{outcome="${outcome}"}`);
        assert.equal(seen, summary.streams.finished[outcome], outcome);
      }
      assert.equal(await value('sum(soak_streams_finished_total)'), truth.started);
      assert.equal(await value('sum(soak_streams_active)'), 0);
      assert.equal(await value('soak_chunks_received_total'), truth.chunks);
      assert.equal(await value('soak_received_bytes_total'), truth.bytes);
      assert.equal(await value('soak_content_characters_total'), truth.characters);
      assert.equal(await value('soak_reads_total'), summary.reads);
      assert.equal(
        await value('soak_stream_ttfb_seconds_count'),
        (summary.ttfbMs as { count: number }).count,
      );
      // Every chunk with content but the first of a stream has a gap; [DONE] and events named error have none.
      const gaps = (summary.gapMs as { count: number }).count;
      const { complete, inband_error: failed } = summary.streams.finished;
      assert.equal(gaps, summary.chunks - complete! - failed! - (summary.ttftMs as { count: number }).count);
      assert.equal(await value('soak_stream_chunk_gap_seconds_count'), gaps);
      assert.equal(await value('soak_run_active'), 0);
      // Started, stopped by the plan, and seen while it ran.
      assert.equal(await value('max_over_time(soak_run_active[10m])'), 1);
      assert.equal(await value('max_over_time(soak_streams_desired[10m])'), 200);
      assert.equal(await value('sum(soak_runs_total)'), 1);
    } finally {
      await prometheus.stop();
      await service.stop();
      await simulator.stop();
    }
  });
});

/** Answers that a limit parts into good and bad, whatever the machine is busy with. */
const SPEEDS = {
  fast: { ttfbMs: { kind: 'fixed', value: 30 }, gapMs: { kind: 'uniform', from: 1, to: 10 } },
  slow: { ttfbMs: { kind: 'fixed', value: 1500 }, gapMs: { kind: 'uniform', from: 250, to: 350 } },
} as const;
type Speed = keyof typeof SPEEDS;

const LIMITS: readonly {
  readonly format: Format;
  readonly written: string;
  readonly objective: Objective;
}[] = [
  { format: 'openai-chat', written: 'ttft: 700ms', objective: { ttftMs: 700 } },
  { format: 'sse', written: 'maxGap: 125ms', objective: { maxGapMs: 125 } },
  { format: 'anthropic', written: 'tpot: 100ms', objective: { tpotMs: 100 } },
  { format: 'ollama', written: 'duration: 1500ms', objective: { durationMs: 1500 } },
  {
    format: 'ndjson',
    written: 'ttft: 700ms, maxGap: 125ms, tpot: 100ms, duration: 1500ms',
    objective: { ttftMs: 700, maxGapMs: 125, tpotMs: 100, durationMs: 1500 },
  },
];
const TERMINALS: Readonly<Partial<Record<Format, string>>> = {
  sse: ', terminal: "[DONE]"',
  ndjson: ', terminal: { path: done }',
};
const STREAMS_A_TARGET = 12;

/** An objective for a stream, later by so much than it was sent. */
function shifted(objective: Objective, record: StreamRecord, byMs: number, connectMs: number): Objective {
  const { ttftMs, maxGapMs, tpotMs: paceMs, durationMs } = objective;
  return {
    ...(ttftMs === undefined ? {} : { ttftMs: ttftMs + byMs }),
    ...(maxGapMs === undefined ? {} : { maxGapMs: maxGapMs + byMs }),
    ...(paceMs === undefined ? {} : { tpotMs: paceMs + byMs / gapsOf(record) }),
    // soakd counts from the start of a stream, before its connect.
    ...(durationMs === undefined ? {} : { durationMs: durationMs - connectMs + byMs }),
  };
}

/** Gaps between tokens. */
function gapsOf({ outputTokens, contentChunks }: StreamRecord): number {
  return Math.max(1, (outputTokens ?? contentChunks) - 1);
}

describe('streams of the simulator over real sockets', () => {
  const simulators: Partial<Record<Speed, Simulator>> = {};
  after(() => Promise.all(Object.values(simulators).map((simulator) => simulator.close())));

  it('TPOT and goodput equal the ground truth of each stream, to within the measured lag', async (t) => {
    for (const speed of ['fast', 'slow'] as const) {
      simulators[speed] = await startSimulator({
        ...TINY,
        ...SPEEDS[speed],
        every: { truncate: 9, inbandError: 11, splitUtf8: 5 },
      });
    }
    const names = LIMITS.flatMap((_, n) => [`fast-${n}`, `slow-${n}`]);
    const targets = names.map((name) => {
      const [speed, n] = name.split('-') as [Speed, string];
      const { format, written } = LIMITS[Number(n)]!;
      return (
        `  - { name: ${name}, url: "${simulators[speed]!.url}${PATHS[format]}", format: ${format}, ` +
        `body: { stream_options: { include_usage: true } }, objective: { ${written} }${TERMINALS[format] ?? ''} }`
      );
    });
    const holding = await hold(
      `targets:\n${targets.join('\n')}\nscenarios:\n  all: { targets: [${names.map((name) => `{ name: ${name} }`).join(', ')}], stages: [{ users: 1, for: 1s }] }\n`,
      'all',
    );
    const at = { seen: nothing() };
    const ended = new Map<string, { readonly seen: SeenQuality; readonly result: StreamResult }>();
    watchQuality(holding.context.recorder, at);
    const context = {
      ...holding.context,
      finished: (result: StreamResult) => {
        ended.set(result.id, { seen: at.seen, result });
        at.seen = nothing();
      },
    };

    // Both sides are in this thread. No two turns of its loop are further apart than the greatest delay, so what the
    // kernel holds is seen within two of them. That goes for a request and for what is read of its answer.
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await poll('the first turn that is measured', () => delay.count > 0 || undefined, { everyMs: 1 });
    const users: VirtualUser[] = [];
    for (const target of names.keys())
      for (let n = 0; n < STREAMS_A_TARGET; n++) {
        const user = new VirtualUser(`${target}-${n}`, context);
        user.start(target, undefined, context.clock(), () => {});
        users.push(user);
        // A server accepts one connection a turn: the last of many would wait for as many turns as there are.
        await setImmediate();
      }
    await holding.idle(120_000);
    // So that the turn in which the last one ended has been measured.
    await sleep(10);
    delay.disable();
    const hopMs = (2 * delay.max) / 1e6 + 1;
    const lagMs = 2 * hopMs;
    for (const user of users) user.close();
    holding.stop();

    const truths = new Map<string, StreamRecord & { readonly tpotMs: number | null }>();
    for (const { url } of Object.values(simulators)) {
      const { streams } = await poll('end of all streams', async () => {
        const truth = (await (await fetch(`${url}/ground-truth?streams=1`)).json()) as Truth;
        return truth.active === 0 ? truth : undefined;
      });
      for (const record of streams.finished) truths.set(record.id, record as never);
    }
    assert.deepEqual([...ended.keys()].sort(), [...truths.keys()].sort());

    const wrong: string[] = [];
    const decided = { good: 0, bad: 0, tpot: 0 };
    for (const [id, { seen, result }] of ended) {
      const record = truths.get(id)!;
      const { objective } = LIMITS[Number(result.target.split('-')[1])]!;
      const label = `${id}: ${JSON.stringify(seen)}, in truth ${JSON.stringify(record)}, lag ${lagMs} ms`;
      assert.equal(record.outcome, result.outcome, label);
      assert.equal(record.tpotMs, tpotMs(record), 'what is shown is what is derived');
      const connectMs = result.connectMs ?? 0;
      const surely = isWithin(record, shifted(objective, record, -lagMs, connectMs));
      const maybe = isWithin(record, shifted(objective, record, lagMs, connectMs));
      if ((surely && !seen.within) || (seen.within && !maybe)) wrong.push(`goodput of ${label}`);
      if (surely) decided.good++;
      else if (!maybe && resultOf(result.outcome) === 'success') decided.bad++;

      const truth = resultOf(result.outcome) === 'success' ? record.tpotMs : null;
      const isApart =
        truth === null || seen.tpot === undefined
          ? truth !== (seen.tpot?.ms ?? null)
          : Math.abs(seen.tpot.ms - truth) > lagMs / gapsOf(record) ||
            seen.tpot.byChunks !== (record.outputTokens === null);
      if (isApart) wrong.push(`TPOT of ${label}`);
      if (truth !== null) decided.tpot++;
    }
    assert.deepEqual(wrong, []);
    assert.ok(decided.tpot > 50, `${decided.tpot} have a TPOT`);
    const within = [...ended.values()].filter(({ seen }) => seen.within).length;
    assert.equal(holding.view().total('goodput:part'), within);
    t.diagnostic(
      `lag at most ${lagMs.toFixed(1)} ms, ${decided.good} surely good, ${decided.bad} surely bad`,
    );
    // A lag as long as the limits themselves decides nothing.
    if (lagMs < 100) assert.ok(decided.good > 20 && decided.bad > 20, JSON.stringify(decided));
  });
});
