/**
 * Changes the alert rules one place at a time, runs the tests of the alerts on each, and lists the changes that no test
 * notices: `node_modules/.bin/node bench/alert-mutations.ts [--only=REGEXP] [--sample=N --seed=N]`, the expression for
 * names of rules. Exits with 1 where such a change is not in `support/alerts/mutation/equivalent.ts`. Takes minutes and
 * wants promtool (PROMTOOL=path for another one).
 */
import { parseArgs } from 'node:util';
import { DEFAULT_RULES, ruleGroups } from '../src/gen/rules.ts';
import { LIMIT_SETTINGS } from '../support/alerts/files.ts';
import { reasonOf } from '../support/alerts/mutation/equivalent.ts';
import { mutantsOf, ruleName, sampleOf } from '../support/alerts/mutation/mutants.ts';
import { survivorsOf } from '../support/alerts/mutation/survivors.ts';
import { SUITES } from '../support/alerts/suites.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '17' },
  },
});
/** With limits for the alerts that are off by default. */
const GROUPS = ruleGroups({ ...DEFAULT_RULES, settings: LIMIT_SETTINGS });
const only = new RegExp(values.only);

const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
const say = (line: string) => process.stdout.write(`${line}\n`);

const all = mutantsOf(GROUPS).filter(({ original }) => only.test(ruleName(original)));
const mutants = values.sample === undefined ? all : sampleOf(all, Number(values.sample), Number(values.seed));
// The edges, which notice most, stand behind the states.
const suites = Object.values(SUITES).toReversed();
const { tried, invalid, survivors } = await survivorsOf(mutants, GROUPS, suites, (alert, n) =>
  say(`${seconds()}: ${alert}, ${n} changes`),
);
const unexplained = survivors.filter((mutant) => reasonOf(mutant) === undefined);
for (const mutant of survivors)
  say(`not noticed: ${ruleName(mutant.original)}: ${mutant.what}: ${reasonOf(mutant) ?? 'NO TEST'}`);
say(
  `${tried} changes in ${seconds()}, ${survivors.length} not noticed, of these ${unexplained.length} without a reason; ${invalid} more are no valid rules`,
);
process.exitCode = unexplained.length === 0 ? 0 : 1;
