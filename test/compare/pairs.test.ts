import assert from 'node:assert/strict';
import { it } from 'node:test';
import { comparedPairs } from '../../scripts/trials/compared-pairs.ts';

// `npm run trials` makes 200 pairs of an hour each.

it('equal runs of ten minutes with autocorrelated windows do not differ', async () => {
  const pairs = await comparedPairs({ pairs: 40, windows: 60, ttfb: 1, seed: 1 });
  assert.deepEqual(
    pairs.flatMap(({ named }) => named),
    [],
  );
});

it('equal runs of two and a half minutes do not differ', async () => {
  const pairs = await comparedPairs({ pairs: 40, windows: 15, ttfb: 1, seed: 501 });
  assert.deepEqual(
    pairs.flatMap(({ named }) => named),
    [],
  );
});

it('15 % more TTFB on one target names its TTFB, the TTFT that contains it, and nothing else', async () => {
  for (const { seed, found, named, others } of await comparedPairs({
    pairs: 4,
    windows: 360,
    ttfb: 1.15,
    seed: 2001,
  })) {
    assert.ok(found, `seed ${seed}`);
    assert.deepEqual(others, [], `seed ${seed}`);
    assert.ok(named.includes('a TTFB p50') && named.includes('a TTFB p95'), named.join(', '));
  }
});

it('5 % more TTFB in an hour is found', async () => {
  const pairs = await comparedPairs({ pairs: 8, windows: 360, ttfb: 1.05, seed: 1001 });
  assert.ok(pairs.filter(({ found }) => found).length >= 7);
  assert.deepEqual(
    pairs.flatMap(({ others }) => others),
    [],
  );
});
