import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cell } from '../../src/catalog/slots.ts';
import { delivered, deliveredShares, isUndelivered } from '../../src/run/delivered.ts';

type Counts = Partial<Record<Cell, number>>;
const TARGETS = [
  { name: 'a', index: 0 },
  { name: 'b', index: 1 },
];

function of(model: 'open' | 'closed', ...cells: Counts[]) {
  return delivered(model, TARGETS, { cell: (t, name) => cells[t]?.[name as Cell] ?? 0 });
}

describe('load delivered', () => {
  const OPEN: [what: string, a: Counts, b: Counts, ratio: number | null, undelivered: boolean][] = [
    ['no start was due', {}, {}, null, false],
    ['every start was made', { started: 40, due: 40 }, { started: 20, due: 20 }, 1, false],
    ['2 of 37 starts were made', { started: 2, due: 37 }, {}, 2 / 37, true],
    ['one target of two lacks a tenth', { started: 100, due: 100 }, { started: 90, due: 100 }, 0.9, true],
    ['exactly 95 % were made', { started: 95, due: 100 }, {}, 0.95, false],
    ['a start is counted before it is due', { started: 5, due: 4 }, {}, 1, false],
  ];
  for (const [what, a, b, ratio, undelivered] of OPEN)
    it(`of the open model is that of the worst target: ${what}`, () => {
      const load = of('open', a, b);
      assert.equal(load.ratio, ratio);
      assert.equal(isUndelivered(load), undelivered);
    });

  const CLOSED: [what: string, a: Counts, b: Counts, ratio: number | null, undelivered: boolean][] = [
    ['no user was due', {}, {}, null, false],
    ['users were never idle', { userMs: 9000 }, { userMs: 1000 }, 1, false],
    ['half of the time was late', { userMs: 5000 }, { lateMs: 5000 }, 0.5, true],
    ['one target alone was late, and little in total', { userMs: 99_000 }, { lateMs: 1000 }, 0.99, false],
  ];
  for (const [what, a, b, ratio, undelivered] of CLOSED)
    it(`of the closed model is that of all targets: ${what}`, () => {
      const load = of('closed', a, b);
      assert.equal(load.ratio, ratio);
      assert.equal(isUndelivered(load), undelivered);
    });

  it('shows the total of the closed model on every target, and 1 on targets without load', () => {
    assert.deepEqual(
      deliveredShares(['a', 'b', 'c'], of('closed', { userMs: 1 }, { lateMs: 1 })),
      [0.5, 0.5, 1],
    );
    assert.deepEqual(deliveredShares(['a', 'b'], of('open', { started: 1, due: 4 })), [0.25, 1]);
  });
});
