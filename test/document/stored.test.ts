import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { subjectsOf } from '../../src/analysis/subjects.ts';
import type { ReportedRun, ReportInput } from '../../src/document/input.ts';
import { makeDocument } from '../../src/document/make.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../src/document/render/formats.ts';
import { readTableFile } from '../../src/document/table-file.ts';
import { ROOT } from '../support/root.ts';

const STORED = join(import.meta.dirname, 'stored');
/** Set to write the reports in place of comparing them, after a wanted change of their text. */
const { UPDATE_STORED } = process.env;

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** A run of six levels against a simulator that slows down above 60 streams, with its windows. */
function run(): ReportedRun {
  const stored = json(join(STORED, 'knee.json'));
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
const INPUTS: Readonly<Record<string, () => ReportInput>> = {
  knee: () => input({ runs: [run()] }),
  seed: () => input({ tables: [readTableFile(json(join(ROOT, SEED)), SEED)] }),
};

for (const [name, made] of Object.entries(INPUTS))
  for (const format of ['md', 'html'] satisfies ReportFormat[])
    it(`the report of ${name}, made again as ${format}, is the stored one byte for byte`, async () => {
      const path = join(STORED, `${name}.${format}`);
      const text = await REPORT_FORMATS[format](makeDocument(made()));
      if (UPDATE_STORED !== undefined) writeFileSync(path, text);
      // As lines: the message of a difference shows where it is.
      assert.deepEqual(text.split('\n'), readFileSync(path, 'utf8').split('\n'));
    });
