import { stringify } from 'yaml';
import type { RuleGroup } from '../../../src/gen/rules.ts';
import type { AlertSuite, Case } from '../case.ts';
import { alertTestText, assertions, seriesText } from '../files.ts';
import { AlertChain, type Mutant, mutantId, mutantName } from './mutants.ts';
import type { Rule } from './mutations.ts';
import { Workshop } from './promtool.ts';

/** What became of the mutants. */
export interface Result {
  readonly tried: number;
  /** How many Prometheus would not load. */
  readonly invalid: number;
  /** Those that no test notices. */
  readonly survivors: readonly Mutant[];
}

/**
 * Returns which mutants no test of the alerts notices. One run of promtool tries many: their rules stand beside the true
 * ones, and what fires of each is compared with what fires of the true rule, by the queries of the tests. Mutants that
 * survive are tried by themselves in the tests that compare annotations.
 * @param suites the tests; those that notice most come first
 * @param notify called with the name of an alert before its tests run
 */
export async function survivorsOf(
  mutants: readonly Mutant[],
  groups: readonly RuleGroup[],
  suites: readonly AlertSuite[],
  notify: (alert: string, mutants: number) => void = () => {},
): Promise<Result> {
  const workshop = new Workshop();
  try {
    const valid = await withoutInvalid(workshop, mutants);
    const alive = new Map(valid.map((mutant) => [mutant.id, mutant]));
    for (const suite of suites) {
      const chain = new AlertChain(groups, suite);
      const own = [...alive.values()].filter((mutant) => chain.holds(mutant));
      if (own.length === 0) continue;
      notify(suite.alert, own.length);
      for (const id of await new Batch(workshop, chain, suite).killed(own)) alive.delete(id);
    }
    const survivors: Mutant[] = [];
    for (const mutant of alive.values())
      if (!(await isNoticedInWords(workshop, mutant, groups, suites))) survivors.push(mutant);
    return { tried: valid.length, invalid: mutants.length - valid.length, survivors };
  } finally {
    workshop.remove();
  }
}

/** Without those that Prometheus would not load. */
async function withoutInvalid(workshop: Workshop, mutants: readonly Mutant[]): Promise<Mutant[]> {
  const named = mutants.map(({ id, rule }) =>
    'alert' in rule ? { ...rule, alert: `a_m${id}` } : { ...rule, record: `r_m${id}` },
  );
  workshop.writeRules('all.yml', [{ name: 'all', interval: '1m', rules: named }]);
  const { ok, text } = await workshop.promtool('check', 'rules', '--lint=none', 'all.yml');
  if (ok) return [...mutants];
  const invalid = new Set([...text.matchAll(/"[ar](_m\d+)"/g)].map(([, name]) => mutantId(name!)));
  if (invalid.size === 0) throw new Error(`promtool check rules failed:\n${text}`);
  return mutants.filter(({ id }) => !invalid.has(id));
}

/** Whether the mutant by itself fails a test that compares annotations: they hold values. */
async function isNoticedInWords(
  workshop: Workshop,
  mutant: Mutant,
  groups: readonly RuleGroup[],
  suites: readonly AlertSuite[],
): Promise<boolean> {
  for (const group of groups) {
    const rules = group.rules.map((rule) => (rule === mutant.original ? mutant.rule : rule));
    workshop.writeRules(`${group.name}.rules.yml`, [{ ...group, rules }]);
  }
  for (const suite of suites) {
    const tests = Object.entries(suite.tests).filter(([, one]) => one.says !== undefined);
    if (tests.length === 0 || !new AlertChain(groups, suite).holds(mutant)) continue;
    workshop.write('words.test.yml', alertTestText({ ...suite, tests: Object.fromEntries(tests) }, '.'));
    if (!(await workshop.promtool('test', 'rules', 'words.test.yml')).ok) return true;
  }
  return false;
}

/** So many tests run before their mutants are left out of the others. */
const ROUND = 8;

/** The tests of one suite, on many mutants at once. */
class Batch {
  readonly #workshop: Workshop;
  readonly #chain: AlertChain;
  readonly #suite: AlertSuite;

  constructor(workshop: Workshop, chain: AlertChain, suite: AlertSuite) {
    this.#workshop = workshop;
    this.#chain = chain;
    this.#suite = suite;
  }

  /** Returns the ids of those that the tests notice. */
  async killed(mutants: readonly Mutant[]): Promise<Set<number>> {
    const killed = new Set<number>();
    // The edges, which notice most, stand at the end.
    let tests = Object.values(this.#suite.tests).toReversed();
    while (tests.length > 0) {
      const left = mutants.filter(({ id }) => !killed.has(id));
      if (left.length === 0) break;
      const cut = await this.#run(tests.slice(0, ROUND), left, killed);
      tests = [...cut, ...tests.slice(ROUND)];
    }
    return killed;
  }

  /** @returns the tests that an error of a mutant cut short; those mutants are killed */
  async #run(tests: readonly Case[], mutants: readonly Mutant[], killed: Set<number>): Promise<Case[]> {
    const { rules, every = '1m', sampled = '1m' } = this.#suite;
    this.#workshop.writeRules('batch.rules.yml', this.#chain.withMutants(mutants));
    const file = {
      rule_files: ['batch.rules.yml'],
      evaluation_interval: every,
      group_eval_order: rules,
      tests: tests.map((one, i) => ({
        interval: sampled,
        input_series: one.series.map((s) => ({ series: seriesText(s), values: s.values })),
        promql_expr_test: this.#questions(one, i, mutants),
      })),
    };
    this.#workshop.write('batch.test.yml', stringify(file, { lineWidth: 0, aliasDuplicateObjects: false }));
    const { text } = await this.#workshop.promtool('test', 'rules', 'batch.test.yml');
    const failing = [...text.matchAll(/rule: (\S+), time: [^\n]*, err: [^\n]*/g)];
    for (const [line, name] of failing) {
      const id = mutantId(name!);
      if (id === 0) throw new Error(`a true rule fails: ${line}`);
      killed.add(id);
    }
    const [unanswered] = /expr: [^\n]*, err: [^\n]*/.exec(text) ?? [];
    if (unanswered !== undefined) throw new Error(unanswered);
    const answers = answersIn(text);
    const done = tests.filter((_, i) => answers.has(`${i} done`));
    if (done.length < tests.length && failing.length === 0)
      throw new Error(`promtool test rules failed:\n${text.slice(0, 4000)}`);
    for (const [i, one] of tests.entries()) {
      if (!done.includes(one)) continue;
      for (const [nth, question] of assertions(this.#suite.alert, one).entries()) {
        const answer = answers.get(`${i} ${nth}`) ?? new Map<number, string[]>();
        const found = answer.get(0)?.length ?? 0;
        if (found !== question.exp_samples.length)
          throw new Error(`${this.#suite.alert}: the true rules fail their own tests: ${question.expr}`);
        this.#compare(mutants, answer, killed);
      }
    }
    return tests.filter((one) => !done.includes(one));
  }

  /**
   * The questions of a test. Each mutant is asked for by itself, since promtool reads 10,000 samples at most for a query;
   * each expects nothing, so that promtool writes down what there is.
   */
  #questions(one: Case, test: number, mutants: readonly Mutant[]) {
    const { alert } = this.#suite;
    const of = (name: string) =>
      assertions(alert, one, name).map(({ expr, eval_time }, nth) => ({ expr, eval_time, note: `${nth}` }));
    const own = of(alert);
    const done = { expr: 'vector(1)', eval_time: own[0]!.eval_time, note: 'done' };
    return [...own, ...mutants.flatMap((mutant) => of(mutantName(alert, mutant))), done].map(
      // A comment of PromQL.
      ({ expr, eval_time, note }) => ({ expr: `${expr} # ${test} ${note};`, eval_time, exp_samples: [] }),
    );
  }

  #compare(
    mutants: readonly Mutant[],
    answer: ReadonlyMap<number, readonly string[]>,
    killed: Set<number>,
  ): void {
    for (const mutant of mutants) {
      const own = this.#chain.alertsOf(mutant);
      const expected = (answer.get(0) ?? []).filter((sample) => own.some((rule) => isOf(rule, sample)));
      const found = answer.get(mutant.id) ?? [];
      if (expected.toSorted().join() !== found.toSorted().join()) killed.add(mutant.id);
    }
  }
}

/** Whether a sample with these labels is of an alert of this rule. */
function isOf(rule: Rule, sample: string): boolean {
  if (!('alert' in rule)) return false;
  return Object.entries(rule.labels).every(([name, value]) => sample.includes(`${name}="${value}"`));
}

const ANSWER = / # (\d+ \w+);", time: [^\n]*\n\s*exp:[^\n]*\n\s*got:([^\n]*)/g;

/** Samples by question, then by mutant: labels but for the name of the alert, and the value. */
function answersIn(text: string): Map<string, Map<number, string[]>> {
  const answers = new Map<string, Map<number, string[]>>();
  for (const [, question, got] of text.matchAll(ANSWER)) {
    const answer = new Map<number, string[]>();
    for (const [, labels, value] of got!.matchAll(/\{([^}]*)\}([^{]*)/g)) {
      const [, name = ''] = /alertname="([^"]*)"/.exec(labels!) ?? [];
      const others = labels!.replace(/(?:__name__|alertname|alertstate)="[^"]*"(?:, )?/g, '');
      const [number] = /[\d.E+-]+/.exec(value!) ?? [''];
      const id = mutantId(name);
      answer.set(id, [...(answer.get(id) ?? []), `${others} ${number}`]);
    }
    const others = answers.get(question!) ?? [];
    answers.set(question!, new Map([...others, ...answer]));
  }
  return answers;
}
