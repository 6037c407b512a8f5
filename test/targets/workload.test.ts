import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { ROOT } from '../../support/root.ts';
import { WORDS, WORKLOAD } from './workload.ts';

const [from, to] = WORKLOAD.gapMs;
const gapMeanMs = (from + to) / 2;

test('the words have 3.85 characters and their events 15.3 bytes on average', () => {
  assert.equal(new Set(WORDS).size, WORDS.length);
  const mean = (of: (word: string) => number) =>
    WORDS.reduce((sum, word) => sum + of(word), 0) / WORDS.length;
  assert.ok(Math.abs(mean((word) => word.length) - 3.85) < 0.01);
  assert.ok(Math.abs(mean((word) => Buffer.byteLength(`data: ${word}\n\n`)) - 15.3) < 0.01);
  for (const word of WORDS) assert.match(word, /^\p{L}{3,5}$/u);
});

test('answers last 31.3 s on average, and P95 is 1.44 times that', () => {
  const { ttfbMs, chunksMean, chunksSigma } = WORKLOAD;
  const durationMs = (chunks: number) => ttfbMs + (chunks - 1) * gapMeanMs;
  const mean = durationMs(chunksMean);
  const p95 = durationMs(chunksMean * Math.exp(-(chunksSigma ** 2) / 2 + 1.6449 * chunksSigma));
  assert.ok(Math.abs(mean - 31_300) < 100, `${mean}`);
  assert.ok(Math.abs(p95 / mean - 1.44) < 0.01, `${p95 / mean}`);
});

test('the preset seed of the simulator has the same first chunk, length of answers and upper end of the gaps', () => {
  const { ttfbMs, gapMs, chunks } = SIMULATOR_PRESETS.seed;
  assert.deepEqual(ttfbMs, { kind: 'fixed', value: WORKLOAD.ttfbMs });
  assert.ok(gapMs.kind === 'uniform' && gapMs.to === to);
  assert.ok(chunks.kind === 'lognormal' && chunks.mean === WORKLOAD.chunksMean);
  const sigma = Math.sqrt(Math.log1p((chunks.stddev / chunks.mean) ** 2));
  assert.ok(Math.abs(sigma - WORKLOAD.chunksSigma) < 0.005, `${sigma}`);
});

test('no server has a value of the workload in its own source', () => {
  for (const file of [
    'workload.py',
    'django-asgi/server.py',
    'django-wsgi/server.py',
    'fastapi/server.py',
    'express/server.mjs',
    'fiber/main.go',
  ]) {
    const source = readFileSync(join(ROOT, 'examples/targets', file), 'utf8');
    assert.doesNotMatch(source, /\b(403|1100|140|0?\.140|0\.2465)\b/, file);
  }
});
