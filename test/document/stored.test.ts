import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import type { Bend } from '../../src/analysis/knee.ts';
import { subjectsOf } from '../../src/analysis/subjects.ts';
import type { ReportedRun, ReportInput } from '../../src/document/input.ts';
import { makeDocument } from '../../src/document/make.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../src/document/render/formats.ts';
import { readTableFile } from '../../src/document/table-file.ts';
import { ROOT } from '../../support/root.ts';

const STORED = join(import.meta.dirname, 'stored');
/** Set to write the reports in place of comparing them, after a wanted change of their text. */
const { UPDATE_STORED } = process.env;

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** A stored run with its windows (scripts/store-run.ts). */
function run(name: string): ReportedRun {
  const stored = json(join(STORED, `${name}.json`));
  return {
    ...stored,
    name: stored.summary.run.id,
    subjects: subjectsOf(stored.summary),
    use: null,
    useReason: 'no Prometheus was asked',
  };
}

const input = (part: Partial<ReportInput>): ReportInput => ({
  runs: [],
  tables: [],
  questions: { users: 6000, pricePerHour: 0.1, currency: 'EUR' },
  version: '0.0.0',
  writtenAt: '2026-12-01T00:00:00.000Z',
  ...part,
});
const SEED = 'examples/reports/seed.json';
/** The seed's 13 levels against the simulator with its knee at 1,000 streams: examples/reports/levels.yaml. */
const levels = run('levels');
const INPUTS: Readonly<Record<string, () => ReportInput>> = {
  // Six levels against a simulator that slows down above 60 streams.
  knee: () => input({ runs: [run('knee')] }),
  // As `soakd report` wrote it.
  '../../../docs/reports/levels': () => ({
    ...input({ runs: [levels] }),
    questions: { users: null, pricePerHour: null, currency: '' },
    version: levels.summary.setup.soakd.version,
    writtenAt: levels.summary.run.endedAt,
  }),
  seed: () => input({ tables: [readTableFile(json(join(ROOT, SEED)), SEED)] }),
};

for (const [name, made] of Object.entries(INPUTS))
  for (const format of ['md', 'html'] satisfies ReportFormat[])
    it(`the report of ${basename(name)}, made again as ${format}, is the stored one byte for byte`, async () => {
      const path = join(STORED, `${name}.${format}`);
      const text = await REPORT_FORMATS[format](makeDocument(made()));
      if (UPDATE_STORED !== undefined) writeFileSync(path, text);
      // As lines: the message of a difference shows where it is.
      assert.deepEqual(text.split('\n'), readFileSync(path, 'utf8').split('\n'));
    });

describe('the report of the 13 levels', () => {
  const { sections } = makeDocument(INPUTS['../../../docs/reports/levels']!());
  const valuesOf = (id: string): unknown => {
    const section = sections.find((s) => s.id === id)!;
    return 'values' in section ? section.values : assert.fail(`${id}: ${section.omitted}`);
  };

  it('finds the knee within one level', () => {
    const curves = valuesOf('scalability') as { measure: string; bend: Bend }[];
    const { bend } = curves.find(({ measure }) => measure.startsWith('TTFB'))!;
    assert.ok(bend.kind === 'bend' && Math.abs(bend.at - 1000) <= 250, JSON.stringify(bend));
  });

  it('has the capacity that follows from the limits', () => {
    // From the summary alone: the last level before the first one with a timing above its limit and the error.
    const { summary } = levels;
    const limitOf = (id: string): number => summary.thresholds.find((t) => t.threshold === id)!.limit;
    const before = (share: number): number => {
      const over = summary.levels.findIndex(
        ({ ttfbMs, successDurationMs: duration }) =>
          ttfbMs.p95! - ttfbMs.measurementErrorMs!.p99! > share * limitOf('ttfb-p95') ||
          duration.mean! - duration.measurementErrorMs!.p99! > share * limitOf('duration-mean'),
      );
      return summary.levels[over - 1]!.users!.to;
    };
    const [first] = valuesOf('capacity') as [{ maximum: number; conservative: number }];
    assert.equal(first.maximum, before(1));
    // With a fifth of the limits to spare.
    assert.equal(first.conservative, before(0.8));
  });
});
