import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_RULES, ruleGroups } from '../../src/gen/rules.ts';
import { LIMIT_SETTINGS } from '../../support/alerts/files.ts';
import { EQUIVALENT, reasonOf } from '../../support/alerts/mutation/equivalent.ts';
import { type Mutant, mutantsOf, ruleName, sampleOf } from '../../support/alerts/mutation/mutants.ts';
import { survivorsOf } from '../../support/alerts/mutation/survivors.ts';
import { SUITES } from '../../support/alerts/suites.ts';
import { needs } from '../../support/needs.ts';

const GROUPS = ruleGroups({ ...DEFAULT_RULES, settings: LIMIT_SETTINGS });
const MUTANTS = mutantsOf(GROUPS);
// What notices most comes first.
const ALL_SUITES = Object.values(SUITES).toReversed();

const nameOf = (mutant: Mutant) => `${ruleName(mutant.original)}: ${mutant.what}`;

/** A short form of bench/alert-mutations.ts, which tries every change of every rule. */
describe('changes of alert rules', { skip: needs('promtool') }, () => {
  it('of a sample are noticed by the tests of the alerts', async () => {
    // The windows of days are costly to look at.
    const cheap = MUTANTS.filter(({ group }) => group !== 'soak-objectives');
    const { survivors, tried } = await survivorsOf(sampleOf(cheap, 16, 17), GROUPS, ALL_SUITES);
    assert.ok(tried >= 14, `${tried} tried`);
    assert.deepEqual(survivors.filter((mutant) => reasonOf(mutant) === undefined).map(nameOf), []);
  });

  it('that change nothing are not noticed, and those that fail or are late are', async () => {
    const { group, original } = MUTANTS.find((mutant) => ruleName(mutant.original).startsWith('SoakDown'))!;
    const changed = (id: number, what: string, by: object): Mutant => ({
      id,
      group,
      original,
      what,
      rule: { ...original, ...by },
    });
    const { survivors, invalid, tried } = await survivorsOf(
      [
        changed(1, 'the same in brackets', { expr: `(${original.expr})` }),
        changed(2, 'later', { for: '135s' }),
        changed(3, 'two series for one', { expr: 'label_replace(up, "instance", "x", "", "") == 0' }),
        changed(4, 'invalid', { expr: 'up ==' }),
      ],
      GROUPS,
      ALL_SUITES,
    );
    assert.deepEqual(
      survivors.map(({ what }) => what),
      ['the same in brackets'],
    );
    assert.deepEqual([invalid, tried], [1, 3]);
  });
});

describe('the list of changes that change nothing', () => {
  it('has only changes that there are', () => {
    for (const one of EQUIVALENT)
      assert.ok(
        MUTANTS.some((mutant) => one.rule.test(ruleName(mutant.original)) && one.what.test(mutant.what)),
        `${one.rule} ${one.what}`,
      );
  });
});
