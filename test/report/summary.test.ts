import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTCOMES } from '../../src/core/outcome.ts';
import { summaryOf } from '../../support/report/samples.ts';

const STATS = ['count', 'mean', 'p50', 'p95', 'p99', 'max'];
const TIMED = [...STATS, 'measurementErrorMs'];

/** Fixed for good: what `--json` prints may gain keys, and never changes these. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  '': [
    'schema',
    'verdict',
    'verdictReason',
    'endReason',
    'inconclusiveBecause',
    'run',
    'setup',
    'thresholds',
    'streams',
    'successRatio',
    'completeRatio',
    'chunks',
    'reads',
    'bytes',
    'contentCharacters',
    'keepalives',
    'connectMs',
    'headersMs',
    'ttfbMs',
    'ttftMs',
    'gapMs',
    'tpotMs',
    'durationMs',
    'effectiveDurationMs',
    'availability',
    'targets',
    'levels',
    'outages',
    'failures',
    'bottlenecks',
    'loadDelivered',
    'measurementQuality',
    'scheduleLagMs',
    'generator',
  ],
  run: ['id', 'scenario', 'startedAt', 'endedAt', 'lastedMs', 'measuredMs', 'gaps', 'events'],
  streams: ['started', 'finished', 'results', 'active', 'dropped', 'openMean'],
  'streams.finished': OUTCOMES,
  connectMs: TIMED,
  headersMs: TIMED,
  ttfbMs: TIMED,
  ttftMs: TIMED,
  gapMs: TIMED,
  durationMs: TIMED,
  effectiveDurationMs: TIMED,
  scheduleLagMs: STATS,
  measurementQuality: ['windows', 'unreliable', 'worstLagMs', 'worstLagAt', 'limitMs', 'causes'],
  generator: ['cpuMs', 'rssMaxBytes', 'workerRestarts'],
};

function at(object: unknown, path: string): object {
  return path
    .split('.')
    .reduce((o, key) => (key === '' ? o : (o as Record<string, object>)[key]!), object as object);
}

describe('summary of a run', () => {
  for (const [path, keys] of Object.entries(FIXED)) {
    it(`has its keys ${path === '' ? 'at the top' : `in ${path}`}, also when nothing was counted`, () => {
      for (const summary of [
        summaryOf(),
        summaryOf({}, { started: 5, 'finished:complete': 5 }, { ttfb: [1, 2] }),
      ]) {
        const found = Object.keys(at(summary, path));
        if (path !== '') assert.deepEqual(found.sort(), [...keys].sort());
        else
          assert.deepEqual(
            keys.filter((key) => !found.includes(key)),
            [],
          );
      }
    });
  }

  it('is the same after it was written as JSON and read again', () => {
    const summary = summaryOf({}, { started: 5 }, { ttfb: [1.5] });
    assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  });

  it('adds up all targets', () => {
    const summary = summaryOf(
      {},
      {
        started: 10,
        dropped: 3,
        chunks: 400,
        reads: 300,
        bytes: 5000,
        characters: 4000,
        keepalives: 7,
        'finished:complete': 8,
        'finished:stalled': 1,
        'active:waiting': 1,
      },
    );
    const { streams, chunks, reads, bytes, contentCharacters, keepalives } = summary;
    assert.deepEqual(
      { chunks, reads, bytes, contentCharacters, keepalives },
      { chunks: 800, reads: 600, bytes: 10_000, contentCharacters: 8000, keepalives: 14 },
    );
    assert.deepEqual([streams.started, streams.dropped, streams.active], [20, 6, 2]);
    assert.deepEqual(
      Object.entries(streams.finished).filter(([, n]) => n > 0),
      [
        ['complete', 16],
        ['stalled', 2],
      ],
    );
  });

  it('takes durations of successes and failures, not of what soakd cut or lost', () => {
    const { durationMs } = summaryOf(
      {},
      {},
      {
        'duration:success': [100, 300],
        'duration:failed': [500],
        'duration:cancelled': [9e5],
        'duration:lost': [9e5],
      },
    );
    assert.deepEqual([durationMs.count, durationMs.mean, durationMs.max], [3, 300, 500]);
  });

  it('has the effective durations beside them', () => {
    const { effectiveDurationMs } = summaryOf({}, {}, { effective: [100, 10_300], 'duration:success': [1] });
    assert.deepEqual(
      [effectiveDurationMs.count, effectiveDurationMs.mean, effectiveDurationMs.max],
      [2, 5200, 10_300],
    );
  });

  it('says when, why and how it ended', () => {
    const verdicts = [
      {
        threshold: 'success-rate',
        target: 'a',
        result: 'pass',
        observed: 1,
        limit: 0.99,
        unit: 'ratio',
        op: '<',
        count: 3,
        required: 1,
        crossed: [{ fromAt: Date.UTC(2026, 10, 23, 18, 15, 5), worst: 0.5 }],
      },
    ] as const;
    const summary = summaryOf({ reason: 'stopped', verdict: 'aborted', verdicts });
    assert.deepEqual(
      [summary.schema, summary.verdict, summary.verdictReason, summary.endReason],
      [2, 'aborted', 'stopped through the API', 'stopped'],
    );
    assert.deepEqual(summary.run, {
      id: '20261123-181502-4f9a',
      scenario: 'demo',
      startedAt: '2026-11-23T18:15:02.000Z',
      endedAt: '2026-11-23T18:16:34.000Z',
      lastedMs: 92_000,
      measuredMs: 60_000,
      gaps: [],
      events: [],
    });
    const { result: _, op: crossedWhen, crossed: _2, ...rest } = verdicts[0];
    assert.deepEqual(summary.thresholds, [
      {
        ...rest,
        measure: 'success rate',
        result: 'pass',
        crossedWhen,
        crossedAtLevels: [],
        crossedFrom: null,
        heldUpTo: null,
        alerts: [{ from: '2026-11-23T18:15:05.000Z', to: null, worst: 0.5 }],
      },
    ]);
    assert.deepEqual(summary.generator, { cpuMs: 12_345, rssMaxBytes: 157_286_400, workerRestarts: 0 });
  });
});
