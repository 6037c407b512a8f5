import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';
import { formatPercent } from '../../src/core/number.ts';

const READ: readonly [text: string, ms: number][] = [
  ['0s', 0],
  ['250ms', 250],
  ['0.5ms', 0.5],
  ['1.5s', 1500],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['1m1ms', 60_001],
  ['2d', 172_800_000],
  ['1d2h3m4s5ms', 93_784_005],
  ['0.1s', 100],
  // 1.1 × 60,000 is 66000.00000000001 in doubles.
  ['1.1m', 66_000],
];

const REFUSED = [
  '',
  ' ',
  '5',
  '1.5',
  's',
  '-1s',
  '+1s',
  '1e3s',
  '.5s',
  '1.s',
  '1.5.5s',
  '1,5s',
  ' 1s',
  '1s ',
  '1 s',
  '1S',
  '1min',
  '1s1m',
  '1s1s',
  '1h30',
  'Infinitys',
  'NaN',
  `${'9'.repeat(400)}s`,
];

const WRITTEN: readonly [ms: number, text: string][] = [
  [0, '0ms'],
  [0.254, '0.25ms'],
  [2.54, '2.5ms'],
  [9.97, '10ms'],
  [850, '850ms'],
  [999.4, '999ms'],
  [999.6, '1s'],
  [2500, '2.5s'],
  [9999, '10s'],
  [31_840, '31.8s'],
  [59_949, '59.9s'],
  [59_960, '1m'],
  [90_000, '1m30s'],
  [3_599_600, '1h'],
  [7_500_000, '2h5m'],
  [11_999_000, '3h20m'],
  [172_800_000, '48h'],
  [Number.POSITIVE_INFINITY, '∞'],
];

describe('durations', () => {
  for (const [text, ms] of READ) it(`reads ${text}`, () => assert.equal(parseDuration(text), ms));
  for (const text of REFUSED) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(parseDuration(text), undefined));
  }
  for (const [ms, text] of WRITTEN)
    it(`writes ${ms} ms as ${text}`, () => assert.equal(formatDuration(ms), text));

  it('reads what it writes, within what was rounded away', () => {
    const anyMs = fc.double({ min: 0, max: 9, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(anyMs, (ms) => {
        const text = formatDuration(ms);
        const read = parseDuration(text);
        assert.ok(read !== undefined && Math.abs(read - ms) <= 0.05 * ms, `${ms} → ${text} → ${read}`);
        assert.equal(formatDuration(read), text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('percentages', () => {
  const table: readonly [share: number, text: string][] = [
    [0, '0 %'],
    [0.57, '57 %'],
    [0.29, '29 %'],
    [0.98996, '98.99 %'],
    [0.999_999, '99.99 %'],
    [1, '100 %'],
  ];
  for (const [share, text] of table)
    it(`writes ${share} as ${text}`, () => assert.equal(formatPercent(share), text));
});
