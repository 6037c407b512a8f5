import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Summary } from '../../src/schema/summary.ts';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { isRunning, soakd } from '../../support/process.ts';
import { startTarget, TARGETS, type Target, type TargetName } from '../../support/targets.ts';
import { WORDS, WORKLOAD } from './workload.ts';

/** The short form of the workload. */
const CHUNKS_MEAN = 20;
const TTFB_MS = 200;
/** Standard errors that a mean may be off: 5 is one run in a million. */
const STANDARD_ERRORS = 5;
const MAX_USERS = 12;
/** A stream whose chunks were gathered arrives in one or two reads. */
const UNBUFFERED_READS = 3;

export interface SuiteOptions {
  readonly flags?: readonly string[];
  /** As many as the server can hold at once; absent: 12. */
  readonly users?: number;
  /** Whether the headers wait for the first chunk. */
  readonly lateHeaders?: boolean;
}

/** What every server of examples/targets does alike: its answers, its counts, its end. */
export function serverSuite(
  name: TargetName,
  { flags = [], users = MAX_USERS, lateHeaders = false }: SuiteOptions = {},
) {
  describe([name, ...flags].join(' '), { skip: needs(...TARGETS[name]) }, () => {
    let target: Target;
    before(async () => {
      target = await startTarget(name, { chunksMean: CHUNKS_MEAN, ttfbMs: TTFB_MS, flags });
    });
    after(() => target?.stop());

    test('sends the events of the workload, one by one', async () => {
      const written = performance.now();
      const response = await fetch(`${target.url}any/path`, { method: 'POST', body: '{"prompt":"hello"}' });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/event-stream');
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.equal(response.headers.get('content-length'), null);
      const headersMs = performance.now() - written;

      let firstMs: number | undefined;
      const reads: Uint8Array[] = [];
      for await (const read of response.body!) {
        firstMs ??= performance.now() - written;
        reads.push(read);
      }
      assert.ok(firstMs! >= TTFB_MS - 5, `first chunk after ${firstMs} ms`);
      const times = `headers ${headersMs} ms, first chunk ${firstMs} ms`;
      // A full machine can hold back the headers, but not send them early.
      assert.ok(lateHeaders ? headersMs >= TTFB_MS - 5 : headersMs < firstMs!, times);
      const events = Buffer.concat(reads).toString('utf8').split('\n\n');
      assert.equal(events.pop(), '', 'the last event is complete');
      assert.equal(events.pop(), 'data: [DONE]');
      assert.ok(events.length >= 5 && events.length <= 60, `${events.length} chunks`);
      for (const event of events) assert.ok(WORDS.includes(event.replace(/^data: /, '')), event);
      assert.ok(reads.length >= UNBUFFERED_READS, `${reads.length} reads`);
    });

    test('takes the mean and the first chunk from the URL, and refuses what is no number', async () => {
      const short = await fetch(`${target.url}?chunks_mean=1&ttfb_ms=0`);
      assert.match(await short.text(), /^(data: \p{L}+\n\n){1,3}data: \[DONE\]\n\n$/u);
      for (const query of [
        'chunks_mean=many',
        'chunks_mean=0',
        'ttfb_ms=-1',
        'chunks_mean=nan',
        'ttfb_ms=2e6',
      ]) {
        const refused = await fetch(`${target.url}?${query}`);
        assert.equal(refused.status, 400, query);
        assert.equal(
          await refused.text(),
          'chunks_mean is a number from 1 to 1e6, ttfb_ms one from 0 to 1e6\n',
        );
      }
    });

    test('counts what soakd counts, and the answers have the distribution of the workload', async () => {
      const before = await target.counts();
      assert.equal(before.started, before.finished, 'nothing is open');
      const program = soakd([
        ...['run', '--target', target.url, '--terminal', '[DONE]', '--users', `${users}`, '--for', '6s'],
        '--json',
      ]);
      await program.ended();
      const { streams, chunks, bytes, ttfbMs, durationMs } = JSON.parse(program.stdout.text) as Summary;
      const complete = streams.finished.complete;
      assert.equal(complete, streams.started, program.output);
      // A server may count the last one after its client has read it.
      const after = await poll('end of the last stream', async () => {
        const counts = await target.counts();
        return counts.finished === counts.started ? counts : undefined;
      });
      assert.deepEqual(
        [after.started - before.started, after.finished - before.finished],
        [streams.started, complete],
      );

      // soakd counts the terminal event as a chunk too.
      const words = chunks - complete;
      const relativeSpread = Math.sqrt(Math.expm1(WORKLOAD.chunksSigma ** 2));
      const mean = words / complete;
      const tolerance = (STANDARD_ERRORS * CHUNKS_MEAN * relativeSpread) / Math.sqrt(complete);
      assert.ok(
        Math.abs(mean - CHUNKS_MEAN) < tolerance,
        `${mean} ± ${tolerance} chunks of ${complete} streams`,
      );
      const wordBytes = (bytes - complete * 'data: [DONE]\n\n'.length) / words;
      assert.ok(
        Math.abs(wordBytes - 15.3) < STANDARD_ERRORS * (2 / Math.sqrt(words)),
        `${wordBytes} bytes a chunk`,
      );

      // A full machine makes times longer, never shorter.
      assert.ok(ttfbMs.mean! >= TTFB_MS - 5, JSON.stringify(ttfbMs));
      const [from, to] = WORKLOAD.gapMs;
      const gaps = words - complete;
      const gapMs = (durationMs.mean! - ttfbMs.mean!) * (complete / gaps);
      const gapTolerance = (STANDARD_ERRORS * (to - from)) / Math.sqrt(12 * gaps);
      assert.ok(gapMs > (from + to) / 2 - gapTolerance && gapMs < 2 * to, `${gapMs} ms between chunks`);
    });

    test('a stream that its client leaves is started, and not finished', async () => {
      const before = await target.counts();
      const leaving = new AbortController();
      const response = await fetch(`${target.url}?chunks_mean=100&ttfb_ms=0`, { signal: leaving.signal });
      await response.body!.getReader().read();
      leaving.abort();
      const after = await target.counts();
      assert.deepEqual([after.started - before.started, after.finished - before.finished], [1, 0]);
    });

    test('ends on SIGTERM with its children, also with a stream open', {
      skip: process.platform !== 'linux',
    }, async () => {
      const pids = withChildren(target.program.pid);
      await fetch(`${target.url}?chunks_mean=1000&ttfb_ms=0`);
      target.program.kill('SIGTERM');
      await target.program.ended(30_000);
      await poll('end of the children', () => (pids.some(isRunning) ? undefined : true));
    });
  });
}

/** @returns a process and all that descend from it */
function withChildren(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [
    pid,
    ...(children === '' ? [] : children.split(' ').flatMap((child) => withChildren(Number(child)))),
  ];
}
