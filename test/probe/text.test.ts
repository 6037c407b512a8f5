import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrap } from '../../src/core/wrap.ts';
import { gapsOf, histogramOf, overTime, statsOf } from '../../src/probe/gaps.ts';
import { bar, stepsOf, waterfall } from '../../src/probe/text.ts';
import { cut, cutMiddle, fold, visible } from '../../src/probe/visible.ts';

describe('gaps', () => {
  const gaps = gapsOf(
    [
      { atMs: 100, chunks: 1 },
      { atMs: 110, chunks: 3 },
      { atMs: 210, chunks: 1 },
    ],
    90,
  );

  it('are those before each chunk but the first; of one read 0', () => {
    assert.deepEqual(gaps, [
      { atMs: 20, gapMs: 10 },
      { atMs: 20, gapMs: 0 },
      { atMs: 20, gapMs: 0 },
      { atMs: 120, gapMs: 100 },
    ]);
    assert.deepEqual(gapsOf([{ atMs: 1, chunks: 1 }], 0), []);
  });

  it('have exact figures', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    assert.deepEqual(statsOf(values), { count: 100, mean: 50.5, p50: 50, p95: 95, p99: 99, max: 100 });
    assert.equal(statsOf([]).mean, null);
  });

  it('lie between edges of 1, 2 and 5, without holes', () => {
    const bars = histogramOf([1, 2, 9, 10, 11].map((gapMs) => ({ atMs: 0, gapMs })));
    assert.deepEqual(
      bars.map(({ aboveMs, upToMs, count }) => [aboveMs, upToMs, count]),
      [
        [0, 1, 1],
        [1, 2, 1],
        [2, 5, 0],
        [5, 10, 2],
        [10, 20, 1],
      ],
    );
    assert.deepEqual(histogramOf([]), []);
  });

  it('over time: each part has the longest gap that reaches into it', () => {
    assert.deepEqual(overTime(gaps, 4), [100, 100, 100, 100]);
    assert.deepEqual(
      overTime(
        [10, 20, 30, 40].map((atMs) => ({ atMs, gapMs: 10 })),
        60,
      ),
      [10, 10, 10, 10],
    );
    assert.deepEqual(
      overTime(
        [
          { atMs: 30, gapMs: 30 },
          { atMs: 40, gapMs: 10 },
        ],
        2,
      ),
      [30, 30],
    );
    assert.deepEqual(overTime([], 60), []);
  });
});

describe('the waterfall', () => {
  const timings = {
    dnsMs: 1,
    tcpMs: 1,
    tunnelMs: null,
    tlsMs: 2,
    connectMs: 4,
    writtenMs: 5,
    headersMs: 5,
    ttfbMs: 15,
    ttftMs: 15,
    lastChunkMs: 90,
    durationMs: 100,
  };

  it('has a step for all that happened, each from where the last one ended', () => {
    const steps = stepsOf(timings);
    assert.deepEqual(
      steps.map(({ name, fromMs, toMs }) => `${name} ${fromMs}–${toMs}`),
      [
        'DNS 0–1',
        'TCP connect 1–2',
        'TLS handshake 2–4',
        'request written 4–5',
        'headers 5–10',
        'first byte 10–20',
        'first content 20–20',
      ],
    );
    const nothing = { ...timings, dnsMs: null, tcpMs: null, tlsMs: null, writtenMs: null };
    assert.deepEqual(stepsOf(nothing), []);
  });

  it('draws bars that begin where they should', () => {
    assert.deepEqual(
      waterfall(stepsOf(timings), 20).map((line) => line.slice(36)),
      ['█', ' █', '  ██', '    █', '     █████', '          ██████████', `${' '.repeat(19)}▏`],
    );
  });

  it('bars are exact to an eighth, and never nothing', () => {
    assert.deepEqual([0, 0.01, 0.5, 1, 1.125, 3].map(bar), ['', '▏', '▌', '█', '█▏', '███']);
  });
});

describe('what a stream held', () => {
  it('shows control characters and moves no cursor', () => {
    assert.equal(visible('a\r\nb\t\u001b[2J\u0000\u007f'), 'a␍␊b␉␛[2J␀␡');
    assert.equal(visible('\u0085\u2028\u202e\u200b\u{e0001}'), '\\u0085\\u2028\\u202e\\u200b\\u{e0001}');
    assert.equal(visible('日本 é 😀'), '日本 é 😀');
  });

  it('is cut by columns, at its end or in its middle', () => {
    assert.equal(cut('hello', 5), 'hello');
    assert.equal(cut('hello!', 5), 'hell…');
    assert.equal(cut('日本語', 5), '日本…');
    assert.equal(cutMiddle('0123456789', 10), '0123456789');
    assert.equal(cutMiddle('0123456789abc', 10), '012…789abc');
    assert.deepEqual(fold('abcdefg', 3), ['abc', 'def', 'g']);
    assert.deepEqual(fold('日本語', 5), ['日本', '語']);
    assert.deepEqual(fold('', 5), ['']);
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  });
});
