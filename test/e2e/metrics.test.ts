import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { METRICS } from '../../src/catalog/metrics.ts';
import { ROOT } from '../../support/root.ts';
import { type Scrape, type Served, type ServedSummary, serve } from '../../support/service.ts';

/** What every answer of the known target holds. */
const EVENTS = 4;
const COMMENTS = 3;
const TEXT = 'é€😀x';
const GAP_MS = 20;
const WAIT_MS = 60;

/** A target that answers as scripted: the first request with 503, every fourth one broken off, the rest alike. */
function knownTarget(): Server {
  let n = 0;
  return createServer((_request, response) => {
    n++;
    if (n === 1) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end('busy');
      return;
    }
    response.writeHead(n === 2 ? 201 : 200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const writes: string[] = [];
    for (let i = 0; i < COMMENTS; i++) writes.push(': ping\n\n');
    for (let i = 0; i < EVENTS; i++) writes.push(`data: ${TEXT}\n\n`);
    if (n % 4 !== 0) writes.push('data: [DONE]\n\n');
    const next = (): void => {
      sent++;
      response.write(writes.shift()!);
      if (writes.length === 0) response.end();
      else setTimeout(next, GAP_MS);
    };
    setTimeout(next, WAIT_MS);
  });
}

/** Writes of the known target, to tell what it did not send from what soakd did not count. */
let sent = 0;

describe('every metric, after a target with a known script', () => {
  const target = knownTarget();
  let service: Served;
  let summary: ServedSummary;
  let before_: Scrape;
  let scrape: Scrape;
  const of = (metric: keyof typeof METRICS, suffix = '', ...labels: string[]) =>
    scrape.sum(METRICS[metric].name + suffix, 'target="known"', 'region="here"', ...labels);

  before(async () => {
    await new Promise<void>((done) => target.listen(0, '127.0.0.1', done));
    const { port } = target.address() as { port: number };
    service = await serve(`
targets:
  - name: known
    url: "http://127.0.0.1:${port}/"
    terminal: "[DONE]"
    labels: { region: here }
    thresholds: { ttfb-p95: 1234ms }
  - { name: usual, url: "http://127.0.0.1:${port}/" }
  - { name: idle, url: "http://127.0.0.1:${port}/", objective: { ttft: 2s } }
scenarios:
  short: { target: known, model: open, arrivals: constant, maxUsers: 3, stages: [{ rate: 20, for: 3s }] }
`);
    before_ = await service.scrape();
    await service.startRun('short');
    summary = await service.finished(60_000);
    scrape = await service.scrape();
  });
  after(async () => {
    await service.stop();
    target.closeAllConnections();
    target.close();
  });

  it('before the run all children are there at 0', () => {
    // What is not of streams has other values, and nothing is scheduled here.
    const others =
      /build_info|collect_duration|log_messages|history_size|event_loop|schedule_(next|last|skipped)|load_delivered|error_budget|streams_limit|last_reload|process_|thread_heap/;
    for (const { name, type } of Object.values(METRICS)) {
      if (others.test(name)) continue;
      assert.equal(before_.sum(type === 'histogram' ? `${name}_count` : name), 0, name);
    }
  });

  it('a target with default timeouts has as many series as docs/metrics.md says', () => {
    const series = (name: string): number => before_.text.split(`target="${name}"`).length - 1;
    const docs = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8').replaceAll(/\s+/g, ' ');
    const documented = /With the default timeouts a target has (\d+) series/.exec(docs)?.[1];
    // The limit of `known`, 1234 ms, adds a bucket to every target.
    assert.equal(series('usual'), Number(documented) + 1);
    assert.equal(series('idle'), series('usual') + 1, 'an objective adds one');
  });

  it('streams: started, dropped, finished, active', () => {
    const { started, dropped, finished } = summary.streams;
    assert.equal(started + dropped, 60, '20 a second for 3 s, the first at once');
    assert.ok(started > 10 && dropped > 5, `${started} started, ${dropped} dropped`);
    assert.equal(of('started'), started);
    assert.equal(of('dropped'), dropped);
    assert.equal(of('finished', '', 'result="success"', 'outcome="complete"'), finished.complete);
    assert.equal(of('finished', '', 'result="failed"', 'outcome="truncated"'), Math.floor(started / 4));
    assert.equal(of('finished', '', 'result="failed"', 'outcome="http_error"'), 1);
    assert.equal(of('finished', ''), started);
    assert.equal(of('active'), 0);
    assert.equal(of('desired'), 0);
  });

  it('responses by code', () => {
    assert.equal(of('responses', '', 'code="503"'), 1);
    assert.equal(of('responses', '', 'code="201"'), 1);
    assert.equal(of('responses', '', 'code="200"'), summary.streams.started - 2);
    assert.equal(of('responses'), summary.streams.started);
  });

  it('what was received: chunks, bytes, characters, keep-alives, reads', () => {
    const answers = summary.streams.started - 1;
    const ended = summary.streams.finished.complete!;
    assert.equal(summary.chunks, answers * EVENTS + ended, `target sent ${sent} writes`);
    assert.equal(of('chunks'), answers * EVENTS + ended);
    assert.equal(of('keepalives'), answers * COMMENTS);
    assert.equal(of('characters'), answers * EVENTS * 4);
    const event = Buffer.byteLength(`data: ${TEXT}\n\n`);
    assert.equal(of('bytes'), answers * (EVENTS * event + COMMENTS * 8) + ended * 14 + 4);
    assert.ok(of('reads') > 0 && of('reads') <= answers * (EVENTS + COMMENTS + 1) + 1);
  });

  it('timings: how many, and about how long', () => {
    const answers = summary.streams.started - 1;
    const mean = (metric: keyof typeof METRICS, ...labels: string[]) =>
      of(metric, '_sum', ...labels) / of(metric, '_count', ...labels);
    assert.equal(of('headers', '_count'), answers);
    assert.equal(of('ttfb', '_count'), answers);
    assert.equal(of('ttft', '_count'), answers);
    // Between chunks with content: [DONE] is none.
    assert.equal(of('gap', '_count'), answers * (EVENTS - 1));
    assert.equal(of('duration', '_count', 'result="success"'), summary.streams.finished.complete);
    assert.equal(of('duration', '_count', 'result="failed"'), Math.floor(summary.streams.started / 4) + 1);
    assert.equal(
      of('effective', '_count'),
      of('duration', '_count', 'result="success"') + of('duration', '_count', 'result="failed"'),
    );
    assert.ok(
      of('effective', '_sum') >=
        of('duration', '_sum', 'result="success"') + of('duration', '_sum', 'result="failed"'),
    );
    assert.ok(of('connect', '_count') >= 1 && of('connect', '_count') <= summary.streams.started);
    // Never too early; how much too late is a matter of the machine.
    assert.ok(mean('ttfb') > (WAIT_MS - 2) / 1000, `TTFB ${mean('ttfb')}`);
    assert.ok(mean('ttft') > (WAIT_MS + COMMENTS * GAP_MS - 4) / 1000, `TTFT ${mean('ttft')}`);
    assert.ok(mean('headers') < mean('ttfb'));
    assert.ok(mean('duration', 'result="success"') > mean('ttft'));
    assert.equal(of('ttfb', '_bucket', 'le="+Inf"'), answers);
  });

  it('a configured limit is a bucket of its own', () => {
    assert.equal(of('ttfb', '_bucket', 'le="1.234"'), of('ttfb', '_count'));
  });

  it('the run: active, info, times, verdict', () => {
    const one = (metric: keyof typeof METRICS, ...labels: string[]) =>
      scrape.sum(METRICS[metric].name, ...labels);
    assert.equal(one('runActive'), 0);
    assert.equal(one('runInfo', 'scenario="short"'), 1);
    assert.equal(one('runs', 'verdict="fail"'), 1);
    assert.equal(one('runs'), 1);
    assert.ok(Math.abs(one('runPlannedEnd') - one('runStart') - 3) < 0.01);
    assert.ok(one('runEnd') >= one('runPlannedEnd') - 0.05, 'it ended after its planned end');
    assert.ok(Math.abs(one('runEnd') - Date.now() / 1000) < 60);
  });

  it('the generator: lag of every start, loop delay, log lines, build, cost of a scrape', () => {
    const one = (name: string, ...labels: string[]) => scrape.sum(name, ...labels);
    assert.equal(one('soak_schedule_lag_seconds_count'), summary.streams.started);
    assert.ok(one('soak_event_loop_delay_seconds_count') > 50);
    assert.ok(one('soak_log_messages_total', 'level="warn"') > 0, 'failed streams were logged');
    assert.equal(one('soak_build_info', 'version="0.3.0"', `node_version="${process.version}"`), 1);
    assert.ok(one('soak_metrics_collect_duration_seconds') >= 0);
    assert.ok(one('process_resident_memory_bytes') > 1e6 && one('process_open_fds') > 0);
  });

  it('a target that the scenario does not use stays at 0', () => {
    assert.equal(scrape.sum('soak_streams_started_total', 'target="idle"', 'region=""'), 0);
  });
});
