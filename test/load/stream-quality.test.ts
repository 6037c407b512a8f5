/** TPOT, goodput and buffering of every stream, against an oracle that knows what was sent and when. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamView } from '../../src/catalog/slots.ts';
import { formatNamed } from '../../src/formats/list.ts';
import { streamTarget } from '../../support/load/samples.ts';
import { chunked, head, LAST_CHUNK } from '../stream/peer.ts';
import { Bench, OBJECTIVES, type SeenQuality } from './quality-bench.ts';
import { type MadeStream, makeTimedStream, WORDINGS } from './quality-oracle.ts';

const STREAMS = 20_000;
const SEED = Number(process.env.SOAKD_FUZZ_SEED ?? 1);

/** Sends a stream. @returns what was counted of it */
function play(bench: Bench, target: number, stream: MadeStream): SeenQuality {
  const wire = bench.start(target, stream.connectMs);
  const writtenMs = bench.nowMs;
  const { status, contentType } = stream;
  wire.send(
    Buffer.from(head(`${status} Any`, { 'content-type': contentType, 'transfer-encoding': 'chunked' })),
  );
  for (const { atMs, bytes } of stream.reads) {
    if (bench.outcome !== undefined) break;
    bench.nowMs = writtenMs + atMs;
    // Several chunks of HTTP's encoding are no more than one read.
    const half = bytes.length >> 1;
    wire.send(half === 0 ? chunked(bytes) : chunked(bytes.subarray(0, half), bytes.subarray(half)));
  }
  bench.nowMs = writtenMs + stream.endMs;
  if (bench.outcome === undefined && stream.breaks) wire.break();
  else if (bench.outcome === undefined) wire.send(Buffer.from(LAST_CHUNK));
  assert.ok(bench.outcome !== undefined, 'the stream has ended');
  return bench.seen;
}

describe('quality of streams against what was sent', () => {
  it(`TPOT, goodput and buffering of ${STREAMS} streams equal the ground truth, stream by stream`, () => {
    const targets = Object.keys(WORDINGS).flatMap((format) =>
      OBJECTIVES.map((objective, n) =>
        streamTarget(`${format}-${n}`, {
          format,
          contentTypes: formatNamed(format).contentTypes,
          transport: 'lean',
          fresh: true,
          ...(format === 'sse' ? { terminal: { kind: 'data', data: '[DONE]' } as const } : {}),
          ...(objective === undefined ? {} : { objective }),
        }),
      ),
    );
    const bench = new Bench(targets);
    const sums = targets.map(() => ({
      tpot: 0,
      tpotMs: 0,
      byChunks: 0,
      bufferable: 0,
      buffered: 0,
      within: 0,
    }));
    for (let n = 0; n < STREAMS; n++) {
      const t = n % targets.length;
      const { format, objective } = targets[t]!;
      const seed = SEED * STREAMS + n;
      const stream = makeTimedStream(format, objective, seed);
      assert.deepEqual(play(bench, t, stream), stream.expected, `${format}, seed ${seed}`);
      const { tpot, bufferable, buffered, within } = stream.expected;
      const sum = sums[t]!;
      sum.tpot += tpot === undefined ? 0 : 1;
      sum.tpotMs += tpot?.ms ?? 0;
      sum.byChunks += tpot?.byChunks === true ? 1 : 0;
      sum.bufferable += Number(bufferable);
      sum.buffered += Number(buffered);
      sum.within += Number(within);
    }

    const view = new StreamView(bench.layout, bench.record.values);
    sums.forEach((sum, t) => {
      const stats = view.histogram(t, 'tpot').stats();
      assert.deepEqual(
        {
          tpot: stats.count,
          tpotMs: (stats.mean ?? 0) * stats.count,
          byChunks: view.cell(t, 'tpotByChunks'),
          bufferable: view.cell(t, 'buffered:whole'),
          buffered: view.cell(t, 'buffered:part'),
          within: view.cell(t, 'goodput:part'),
        },
        { ...sum, tpotMs: (stats.mean ?? 0) * stats.count },
        targets[t]!.name,
      );
      assert.ok(Math.abs((stats.mean ?? 0) * stats.count - sum.tpotMs) < 1e-6 * (1 + sum.tpotMs));
    });
    // Streams that are all alike would prove little.
    const total = (of: (sum: (typeof sums)[number]) => number) => sums.reduce((all, sum) => all + of(sum), 0);
    assert.ok(total((s) => s.buffered) > 300, `${total((s) => s.buffered)} buffered`);
    assert.ok(total((s) => s.bufferable - s.buffered) > 3000);
    assert.ok(total((s) => s.byChunks) > 1000 && total((s) => s.tpot - s.byChunks) > 1000);
    for (const n of OBJECTIVES.keys()) {
      const within = sums.filter((_, t) => t % OBJECTIVES.length === n).reduce((all, s) => all + s.within, 0);
      const most = STREAMS / OBJECTIVES.length;
      if (OBJECTIVES[n] === undefined) assert.equal(within, 0);
      else assert.ok(within > 0.05 * most && within < 0.72 * most, `objective ${n}: ${within} of ${most}`);
    }
  });
});
