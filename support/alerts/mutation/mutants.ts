import { seededRandom } from '../../../src/core/random.ts';
import type { AlertRule, RuleGroup } from '../../../src/gen/rules.ts';
import type { AlertSuite } from '../case.ts';
import { mutationsOf, type Rule } from './mutations.ts';

/** A rule of these groups with one thing changed. */
export interface Mutant {
  /** Unique, from 1 on. */
  readonly id: number;
  readonly group: string;
  readonly original: Rule;
  readonly rule: Rule;
  readonly what: string;
}

/** Returns a name for people: `SoakTTFBHigh (critical)`. Of alerts that differ in their window: `… (critical, 6h)`. */
export function ruleName(rule: Rule): string {
  if (!('alert' in rule)) return rule.record;
  return `${rule.alert} (${[rule.labels.severity, rule.labels.window].filter(Boolean).join(', ')})`;
}

/** Returns every rule of the groups, changed in every way. */
export function mutantsOf(groups: readonly RuleGroup[]): Mutant[] {
  let id = 0;
  return groups.flatMap(({ name: group, rules }) =>
    rules.flatMap((original) =>
      mutationsOf(original).map(({ what, rule }) => ({ id: ++id, group, original, rule, what })),
    ),
  );
}

/** Returns so many of the mutants, by chance. @param seed the same seed gives the same ones */
export function sampleOf(mutants: readonly Mutant[], size: number, seed: number): Mutant[] {
  const random = seededRandom(seed, 0);
  const left = [...mutants];
  return Array.from(
    { length: Math.min(size, left.length) },
    () => left.splice(Math.floor(random() * left.length), 1)[0]!,
  );
}

const NONE = {} as AlertRule['annotations'];

const keyOf = (rule: Rule): string => ('alert' in rule ? rule.alert : rule.record);

const NAME = /\b(?:target|instance):[\w:]+/g;

/** Returns the recorded series that an expression reads. */
function readBy({ expr }: Rule): Set<string> {
  return new Set(expr.match(NAME) ?? []);
}

/** The rules of one alert: what it reads, directly or not, and itself, in the order of evaluation. */
export class AlertChain {
  readonly alert: string;
  readonly groups: readonly RuleGroup[];

  constructor(groups: readonly RuleGroup[], { alert, rules }: AlertSuite) {
    this.alert = alert;
    const ordered = rules.map((name) => groups.find((group) => group.name === name)!);
    const wanted = new Set<string>();
    // From the last rule to the first: what a rule reads stands before it.
    for (const rule of ordered.flatMap((group) => group.rules).reverse()) {
      const own = 'alert' in rule ? rule.alert === alert : wanted.has(rule.record);
      if (own) for (const name of readBy(rule)) wanted.add(name);
    }
    this.groups = ordered.map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => ('alert' in rule ? rule.alert === alert : wanted.has(rule.record))),
    }));
  }

  holds({ group, original }: Mutant): boolean {
    return this.groups.some(({ name, rules }) => name === group && rules.includes(original));
  }

  /** Returns the alert rules that a mutant can change: itself, or those that read it. */
  alertsOf(mutant: Mutant): Rule[] {
    return this.#changed(mutant).filter((rule) => 'alert' in rule);
  }

  #changed({ original }: Mutant): Rule[] {
    const changed: Rule[] = [];
    const names = new Set<string>();
    for (const rule of this.groups.flatMap((group) => group.rules)) {
      if (rule !== original && ![...readBy(rule)].some((name) => names.has(name))) continue;
      changed.push(rule);
      if ('record' in rule) names.add(rule.record);
    }
    return changed;
  }

  /**
   * Returns the groups with the rules of every mutant beside the true ones, so that one run of promtool tests them all.
   * Names of a mutant end in its id; whatever reads a changed rule is there once more.
   */
  withMutants(mutants: readonly Mutant[]): RuleGroup[] {
    const copies = new Map<Rule, Rule[]>();
    for (const mutant of mutants) {
      const changed = this.#changed(mutant);
      const renamed = new Set(changed.map(keyOf));
      for (const rule of changed) {
        const text = rule === mutant.original ? mutant.rule : rule;
        const expr = text.expr.replace(NAME, (name) => (renamed.has(name) ? mutantName(name, mutant) : name));
        const copy =
          'alert' in text
            ? // Without templates, which cost more than all else.
              { ...text, alert: mutantName(text.alert, mutant), expr, annotations: NONE }
            : { ...text, record: mutantName(text.record, mutant), expr };
        copies.set(rule, [...(copies.get(rule) ?? []), copy]);
      }
    }
    return this.groups.map((group) => ({
      ...group,
      rules: group.rules.flatMap((rule) => [rule, ...(copies.get(rule) ?? [])]),
    }));
  }
}

export function mutantName(name: string, { id }: Mutant): string {
  return `${name}_m${id}`;
}

/** Returns the id of the mutant in a name; 0 for a true rule. */
export function mutantId(name: string): number {
  return Number(/_m(\d+)$/.exec(name)?.[1] ?? 0);
}
