import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTCOMES } from '../../src/core/outcome.ts';
import { browserImports, browserSource } from '../../src/http/browser-source.ts';
import { adviceFor } from '../../src/web/advice.ts';
import { runsCsv, windowsCsv } from '../../src/web/csv.ts';
import { outlineOf } from '../../src/web/outline.ts';
import { routeOf, tabOf } from '../../src/web/route.ts';
import { clockText, lastedText, localTimes, momentText, sinceText } from '../../src/web/times.ts';
import { bytesText, changeText, plotSummary, rateText, valueText } from '../../src/web/value-text.ts';
import type { KeptRun } from '../../src/web/wire.ts';
import { KEPT } from '../../support/http/stub.ts';
import { targetWindow, windowOf } from './samples.ts';

const ZONE = { locale: 'en-GB', timeZone: 'Europe/Berlin' };
const AT = '2026-03-29T00:30:00.000Z';

describe('texts of the page', () => {
  it('have times in the zone of the reader', () => {
    assert.equal(clockText(AT, ZONE), '01:30:00');
    // An hour later the clock has been moved on.
    assert.equal(clockText(Date.parse(AT) + 3_600_000, ZONE), '03:30:00');
    assert.equal(momentText(AT, Date.parse(AT) + 60_000, ZONE), '01:30:00');
    assert.match(momentText(AT, Date.parse(AT) + 86_400_000, ZONE), /29 Mar/);
    assert.equal(sinceText(AT, Date.parse(AT) + 90_000, ZONE), 'since 01:30:00 (1m30s)');
    assert.equal(lastedText(-5), '0s');
  });

  it('have times of the server in the zone of the reader', () => {
    const now = Date.parse(AT) + 60_000;
    assert.equal(
      localTimes(`a has been down since ${AT}: 3 reset`, now, ZONE),
      'a has been down since 01:30:00: 3 reset',
    );
    assert.match(localTimes(`from ${AT} to 2026-03-29T00:31:00Z`, now, ZONE), /^from 01:30:00 to 01:31:00$/);
    assert.equal(localTimes('version 2026-03-29', now, ZONE), 'version 2026-03-29');
  });

  it('have values in their units', () => {
    assert.equal(valueText(null, 'ms'), '–');
    assert.equal(valueText(2500, 'ms'), '2.5s');
    assert.equal(valueText(0.99996, 'ratio'), '99.99 %');
    assert.equal(valueText(4.25, 'count'), '4.3');
    assert.equal(rateText(0.1), '0.1');
    assert.equal(rateText(1234.5), '1,235');
    assert.equal(bytesText(0), '0 B');
    assert.equal(bytesText(360_710_144), '344 MiB');
  });

  it('say a plot in a sentence', () => {
    assert.equal(
      plotSummary('TTFB', 'ms', [
        { label: 'p95', values: [100, null, 300] },
        { label: 'p99', values: [null] },
      ]),
      'TTFB: p95 is 300ms now, from 100ms to 300ms over the run; p99 has no values.',
    );
  });

  it('advise about every outcome, and about one of a newer version', () => {
    for (const outcome of [...OUTCOMES.slice(2), 'new_one']) assert.notEqual(adviceFor(outcome).action, '');
  });
});

describe('routes of the page', () => {
  it('are the fragment of the URL, and anything else is the view of now', () => {
    assert.deepEqual(routeOf('#/runs/run-1'), { view: 'run', id: 'run-1' });
    assert.deepEqual(routeOf('#/compare/a/b'), { view: 'compare', a: 'a', b: 'b' });
    for (const hash of ['', '#', '#/x', '#/compare/a', '#/compare/a/<b>'])
      assert.deepEqual(routeOf(hash), { view: 'now' });
    assert.deepEqual(routeOf('#/runs/<img>'), { view: 'runs' });
    assert.equal(tabOf(routeOf('#/compare/a/b')), 'runs');
  });
});

describe('CSV', () => {
  it('quotes what needs it, and gives a spreadsheet no formula', () => {
    const run = {
      ...KEPT,
      verdictReason: 'a, "b"',
      scenario: '=1+1',
      startedAt: AT,
      endedAt: null,
    } as KeptRun;
    const [head, row] = runsCsv([run]).split('\r\n');
    assert.match(head!, /^id,scenario,source,state,verdict,verdictReason,.*,targets$/);
    assert.match(row!, /^run-0,'=1\+1,serve,active,,"a, ""b""",,2026-03-29T00:30:00.000Z,,false,1,a$/);
  });

  it('has a row for each window and target, with the columns that plots show', () => {
    const both = [targetWindow('a', { failed: 3 }), targetWindow('b')];
    const [head, ...rows] = windowsCsv([windowOf(0, both), windowOf(1, both)])
      .trimEnd()
      .split('\r\n');
    assert.deepEqual(
      rows.map((row) => row.split(',')[3]),
      ['a', 'b', 'a', 'b'],
    );
    const failed = head!.split(',').indexOf('streams.results.failed');
    assert.equal(rows[0]!.split(',')[failed], '3');
    assert.equal(rows[0]!.split(',').length, head!.split(',').length);
  });
});

describe('differences of two runs', () => {
  it('are in percent of A, those of shares in percentage points', () => {
    assert.equal(changeText(60, { a: 400, unit: 'ms' }), '+15.0 %');
    assert.equal(changeText(-4, { a: 8, unit: 'per-second' }), '−50.0 %');
    assert.equal(changeText(-0.0123, { a: 0.5, unit: 'ratio' }), '−1.23 pp');
    assert.equal(changeText(0.0001, { a: 40, unit: 'ms' }), '0.0 %');
    assert.equal(changeText(3, { a: 0, unit: 'ms' }), '–');
  });
});

describe('outline of a configuration', () => {
  it('has the lines of YAML, without empty parts', () => {
    const lines = outlineOf({ a: 1, b: { c: ['x', { d: 'a: b', e: null }] }, empty: {}, none: [] });
    assert.deepEqual(
      lines.map(({ depth, text }) => ' '.repeat(depth) + text),
      ['a: 1', 'b:', ' c:', '  - x', '  - d: "a: b"', '   e: null'],
    );
  });
});

describe('modules for the browser', () => {
  it('name files that are served, and nothing by a bare name', () => {
    const source =
      "import { h, type VNode } from 'preact';\nimport type { A } from '../http/a.ts';\nimport { b } from './b.ts';\nexport const c: A = b;";
    const made = browserSource(source);
    assert.match(made, /from '\.\.\/vendor\/preact.js'/);
    assert.match(made, /from '\.\/b\.js'/);
    assert.doesNotMatch(made, /http\/a|: A/);
    assert.equal(made.split('\n').length, 4);
    assert.equal(
      browserImports('import{options as n}from"preact";'),
      'import{options as n}from"../vendor/preact.js";',
    );
  });
});
