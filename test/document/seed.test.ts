import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bendOf } from '../../src/analysis/knee.ts';
import { heldBy } from '../../src/document/analysed.ts';
import type { Content, ReportInput, SectionRecord } from '../../src/document/input.ts';
import { contradictions } from '../../src/document/sections/contradictions.ts';
import { SECTIONS } from '../../src/document/sections/list.ts';
import { isTableFile, readTableFile } from '../../src/document/table-file.ts';
import type { Block } from '../../src/schema/report.ts';
import { ROOT } from '../../support/root.ts';

const DATA = JSON.parse(readFileSync(join(ROOT, 'examples/reports/seed.json'), 'utf8'));
const TABLE = readTableFile(DATA, 'seed.json');
const INPUT: ReportInput = {
  runs: [],
  tables: [TABLE],
  questions: { users: 6000, pricePerHour: 0.1, currency: 'EUR' },
  version: '0',
  writtenAt: '2026-11-30T00:00:00.000Z',
};

function content(section: SectionRecord, input = INPUT): Content {
  const made = section.make(input);
  assert.ok(!('omitted' in made), `${section.id}: ${'omitted' in made ? made.omitted : ''}`);
  return made;
}

const textOf = (blocks: readonly Block[]): string => JSON.stringify(blocks);

describe("the table of the seed's report", () => {
  it('holds its 2.5 s to a load between 2000 and 2250', () => {
    const held = heldBy(TABLE.subject);
    assert.ok(!('reason' in held));
    assert.deepEqual([held.conservative, held.maximum, held.burst], [1250, 2000, 3000]);
    const [first] = held.crossings;
    assert.equal(first!.limit.threshold, 'ttfb-mean');
    assert.deepEqual([first!.held, first!.crossed], [2000, 2250]);
    assert.ok(first!.at! > 2000 && first!.at! < 2250);
  });

  it('has exactly the known contradictions, with values from its levels', () => {
    const { values, blocks } = content(contradictions);
    const [{ claims }] = values as [{ claims: { check: Record<string, unknown> }[] }];
    assert.deepEqual(
      claims.map(({ check }) => [check.result, check.kind, check.sum ?? check.holdsTo ?? check.loads]),
      [
        ['contradicted', 'total', 19_600],
        ['contradicted', 'below', 1250],
        ['contradicted', 'capacity', 2000],
        ['contradicted', 'same', [1500, 1800, 2000, 2500]],
        ['missing', undefined, undefined],
      ],
    );
    for (const part of ['19,600', '2.06s at 1,500 users', '2.83s at 2,500 users'])
      assert.ok(textOf(blocks).includes(part), part);
  });

  it('follows its values: another table has other contradictions', () => {
    const levels = DATA.levels.map((level: { timings: object }) => ({
      ...level,
      timings: { ...level.timings, ttfb: { mean: 1000 } },
    }));
    const total = { kind: 'total', text: 'Total: 19,600', streams: 19_600 };
    const claims = [total, ...DATA.claims.slice(1, 3)];
    const table = readTableFile({ ...DATA, levels, claims }, 'x.json');
    const { values } = content(contradictions, { ...INPUT, tables: [table] });
    const [{ claims: checked }] = values as [{ claims: { check: { result: string } }[] }];
    assert.deepEqual(
      checked.map(({ check }) => check.result),
      ['holds', 'holds', 'holds'],
    );
  });

  it('bends in TTFB early and in the duration of answers late', () => {
    const bend = (timing: 'ttfb' | 'duration') => {
      const found = bendOf(
        TABLE.subject.levels.map((l) => ({ load: l.load, value: l.timings[timing]!.mean! })),
      );
      assert.ok(found.kind === 'bend');
      return found;
    };
    assert.ok(bend('ttfb').at < 1500);
    assert.ok(bend('duration').at > 2000 && bend('duration').at < 2500);
  });

  it('leaves out what it cannot know, with the reason', () => {
    const omitted = SECTIONS.flatMap((section) => {
      const made = section.make(INPUT);
      return 'omitted' in made ? [[section.id, made.omitted] as const] : [];
    });
    for (const id of ['throughput', 'bottleneck', 'secondary-observations', 'optimisation', 'comparison'])
      assert.ok(
        omitted.some(([of, reason]) => of === id && reason.length > 20),
        id,
      );
    for (const id of [
      'scalability',
      'capacity',
      'grades',
      'deployment',
      'cost',
      'risks',
      'next-steps',
      'consistency',
    ])
      assert.ok(!omitted.some(([of]) => of === id), id);
  });

  it('gives servers and costs by the conservative load', () => {
    const of = (id: string) => content(SECTIONS.find((s) => s.id === id)!).values;
    const [{ scaleOut }] = of('deployment') as [{ scaleOut: object }];
    assert.deepEqual(scaleOut, { users: 6000, perServer: 1250, servers: 5, withSpare: 6, isAtMost: false });
    assert.ok(
      Math.abs((of('cost') as { of: [{ cost: { perHour: number } }] }).of[0].cost.perHour - 0.6) < 1e-9,
    );
  });
});

describe('a file with a table of levels', () => {
  it('is known by its mark', () => {
    assert.deepEqual([DATA, { schema: 2 }, null, []].map(isTableFile), [true, false, false, false]);
  });

  it('has every issue at once, each with its place, what was found and what was expected', () => {
    const wrong = {
      ...DATA,
      unit: 'people',
      extra: 1,
      levels: [
        { load: 0 },
        { load: 1, successRatio: 100 },
        { load: 1, timings: { ttbf: {}, ttfb: { mean: '1' } } },
      ],
      limits: [{ threshold: 'goodput', limit: 1 }],
      claims: [{ kind: 'sum' }, { kind: 'same', text: 'x', loads: [1] }],
    };
    assert.throws(
      () => readTableFile(wrong, 'x.json'),
      (error: { code: string; details: string[] }) => {
        assert.equal(error.code, 'USAGE');
        const places = error.details.map(
          (line) => /^x\.json: ([^:]+): found .+, expected .+/.exec(line)?.[1],
        );
        assert.deepEqual(places.toSorted(), [
          'claims[0].kind',
          'claims[1].loads',
          'extra',
          'levels[0].load',
          'levels[1].successRatio',
          'levels[2].timings.ttbf',
          'levels[2].timings.ttfb.mean',
          'limits[0].threshold',
          'unit',
        ]);
        return true;
      },
    );
    assert.throws(() => readTableFile('x', 'x.json'), /the file: found "x", expected a mapping/);
  });
});
