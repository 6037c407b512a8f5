import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeDocument } from '../../src/document/make.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../src/document/render/formats.ts';
import { highest, lowest, thin } from '../../src/document/sections/timeline.ts';
import { inputOf, madeReportedRun } from '../../support/document/made.ts';

const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;

describe('a report of 24 hours and 50 targets', () => {
  const run = madeReportedRun({
    targets: Array.from({ length: 50 }, (_, i) => `target-${i}`),
    users: Array.from({ length: 20 }, (_, i) => 100 * (i + 1)),
    levelMs: (24 * HOUR_MS) / 20,
    windowMs: 600_000,
  });
  for (const format of Object.keys(REPORT_FORMATS) as ReportFormat[])
    it(`is below 5 MiB and is written in seconds, as ${format}`, async () => {
      const before = performance.now();
      const text = await REPORT_FORMATS[format](makeDocument(inputOf(run)));
      // It takes a second on a quiet machine.
      assert.ok(performance.now() - before < 20_000);
      assert.ok(Buffer.byteLength(text) < 5 * MIB, `${Buffer.byteLength(text)} bytes`);
    });

  it('has no table longer than 60 rows, and no more than six lines in a plot', () => {
    for (const section of makeDocument(inputOf(run)).sections)
      for (const block of 'blocks' in section ? section.blocks : []) {
        if (block.kind === 'table') assert.ok(block.rows.length <= 60, block.caption);
        if (block.kind === 'plot') assert.ok(block.plot.series.length <= 6, block.plot.id);
      }
  });
});

describe('points of a line', () => {
  const points = Array.from({ length: 1000 }, (_, x): [number, number | null] => [
    x,
    x % 10 === 3 ? null : x % 7,
  ]);

  it('are at most so many, and keep the worst of each group', () => {
    const groups = Array.from({ length: 100 }, (_, i) =>
      points.slice(10 * i, 10 * i + 10).flatMap(([, y]) => (y === null ? [] : [y])),
    );
    const shown = (pick: typeof highest) => thin(points, pick, 100).map(([, y]) => y);
    assert.deepEqual(
      shown(highest),
      groups.map((all) => Math.max(...all)),
    );
    assert.deepEqual(
      shown(lowest),
      groups.map((all) => Math.min(...all)),
    );
  });

  it('stay as they are where they are few, and a group without values stays a gap', () => {
    assert.equal(thin(points, highest, 1000), points);
    const gap = points.map(([x, y]): [number, number | null] => [x, x < 500 ? null : y]);
    assert.deepEqual(
      thin(gap, highest, 10).map(([, y]) => y === null),
      [true, true, true, true, true, false, false, false, false, false],
    );
  });
});
