import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatCount, formatPercent, formatWholePercent } from '../../src/core/number.ts';

describe('a count for a person', () => {
  it('has commas between thousands, and is the number without them', () =>
    fc.assert(
      fc.property(fc.maxSafeNat(), (n) => {
        assert.match(formatCount(n), /^\d{1,3}(,\d{3})*$/);
        assert.equal(Number(formatCount(n).replaceAll(',', '')), n);
      }),
    ));
});

describe('a percentage for a person', () => {
  for (const [share, text] of [
    [1, '100 %'],
    [0, '0 %'],
    [0.5, '50 %'],
    [0.995, '99.5 %'],
    [0.9999999, '99.99 %'],
    [0.57, '57 %'],
    [1e-9, '0 %'],
  ] as const)
    it(text, () => assert.equal(formatPercent(share), text));
});

describe('writes a share in whole percent', () => {
  for (const [share, text] of [
    [0, '0 %'],
    [0.004, '1 %'],
    [0.57, '57 %'],
    [0.999, '99 %'],
    [1, '100 %'],
  ] as const)
    it(text, () => assert.equal(formatWholePercent(share), text));
});

it('nothing but core writes counts and percentages', () => {
  const src = join(import.meta.dirname, '../../src');
  // These write limits and rates of change as they stand, with as many digits as they have.
  const others = [
    'core/number.ts',
    'gen/limits.ts',
    'drift/text.ts',
    'report/value-text.ts',
    // Changes have a sign, and levels of confidence are exact.
    'compare/compare.ts',
    'compare/text.ts',
    'document/sections/latency-progression.ts',
    'web/compare.ts',
    // Marks of an axis have the digits that tell them apart.
    'web/plot.ts',
  ];
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
  const own = files.filter((file) =>
    /toLocaleString|NumberFormat|\\B\(\?=|\} %/.test(readFileSync(join(src, file), 'utf8')),
  );
  assert.deepEqual(
    own.filter((file) => !others.includes(file)),
    [],
  );
});
