import type { AlertRule, RuleGroup } from '../../../src/gen/rules.ts';

export type Rule = RuleGroup['rules'][number];

/** A rule with one thing changed. */
interface Mutation {
  readonly what: string;
  readonly rule: Rule;
}

/** Returns the rule with each limit, window, operator, matcher, clause and waiting time changed, one at a time. */
export function mutationsOf(rule: Rule): Mutation[] {
  const found: Mutation[] = expressionsOf(rule.expr).map(({ what, expr }) => ({
    what,
    rule: { ...rule, expr },
  }));
  return 'alert' in rule ? [...found, ...waitsOf(rule)] : found;
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Returns a duration of a rule in seconds. */
function secondsOf(duration: string): number {
  const [, n, unit] = /^(\d+)([smhd])$/.exec(duration)!;
  return Number(n) * UNITS[unit as keyof typeof UNITS];
}

function waitsOf(rule: AlertRule): Mutation[] {
  const { for: waiting, keep_firing_for: keeping, ...rest } = rule;
  const found: Mutation[] = [];
  const change = (what: string, changed: Partial<AlertRule>) =>
    found.push({ what, rule: { ...rest, ...changed } as AlertRule });
  const waits = waiting === undefined ? {} : { for: waiting };
  const keeps = keeping === undefined ? {} : { keep_firing_for: keeping };
  if (waiting !== undefined) {
    const seconds = secondsOf(waiting);
    for (const [name, s] of [
      ['twice', seconds * 2],
      ['half', seconds / 2],
      ['longer by a quarter', seconds * 1.25],
      ['shorter by a quarter', seconds * 0.75],
    ] as const)
      change(`for: ${name}`, { ...keeps, for: `${s}s` });
    change('no for', keeps);
  }
  if (keeping !== undefined) {
    change('no keep_firing_for', waits);
    for (const by of [0.75, 1.6])
      change(`keep_firing_for × ${by}`, { ...waits, keep_firing_for: `${secondsOf(keeping) * by}s` });
  }
  change('severity', { ...waits, ...keeps, labels: { ...rule.labels, severity: 'page' } });
  return found;
}

type Change = (match: RegExpMatchArray) => string | undefined;

const LIMIT = /((?:>=|>|<|==) )(\d+(?:\.\d+)?)/g;

/** A number a little larger or smaller: by 1 % or, a whole one from 10 on, by 1. */
function scaled(by: number): Change {
  return ([, operator, digits]) => {
    const n = Number(digits);
    if (n === 0 || n === 1) return undefined;
    const whole = n >= 10 && Number.isInteger(n);
    return `${operator}${whole ? n + Math.sign(by - 1) : Number((n * by).toPrecision(8))}`;
  };
}

const wider =
  (by: number, end: string): Change =>
  ([, n, unit]) => {
    const seconds = Number(n) * UNITS[unit as keyof typeof UNITS] * by;
    return `[${seconds}s${end}`;
  };

const nothing: Change = () => '';
const by =
  (text: string): Change =>
  () =>
    text;

/** What is changed, and into what. */
const CHANGES: readonly (readonly [RegExp, Change])[] = [
  [LIMIT, scaled(1.01)],
  [LIMIT, scaled(0.99)],
  [/== 1\b/g, by('== 0')],
  [/ > (?=\d)/g, by(' >= ')],
  [/ >= (?=\d)/g, by(' > ')],
  [/ < (?=\d)/g, by(' <= ')],
  [/^ *(?:and|unless)\b(?:(?! \($).)*$/gm, nothing],
  [/ and (?=target:)[^\n]*/g, nothing],
  [/\nunless on \(job, instance\) \(\n[\s\S]*?\n\)/g, nothing],
  [/\nor\n[\s\S]*$/g, nothing],
  [/^[\s\S]*\nor\n/g, nothing],
  // In brackets: each line of its own.
  [/\n *or\n[^\n]*/g, nothing],
  [/\[(\d+)([mhd])\]/g, wider(3, ']')],
  [/\[(\d+)([mhd])\]/g, wider(1 / 2, ']')],
  [/\[(\d+)([mhd]):/g, wider(3, ':')],
  [/\[(\d+)([mhd]):/g, wider(1 / 2, ':')],
  [/, \w+=~?"[^"]*"|\w+=~?"[^"]*"(?:, )?/g, nothing],
  [/without \(instance, pod/g, by('without (pod')],
  [/without \(instance, pod/g, by('without (instance')],
  [/, (?:phase|result, outcome|result)\)/g, by(')')],
  [/, outcome\)/g, by(')')],
  [/\bsum without/g, by('max without')],
  [/\bon \(job\)/g, by('on ()')],
  [/\bon \(job, instance\)/g, by('on (job)')],
  [/max_over_time/g, by('min_over_time')],
  [/min_over_time/g, by('max_over_time')],
  [/avg_over_time/g, by('max_over_time')],
  [/sum_over_time/g, by('max_over_time')],
  [/\bmax without/g, by('min without')],
  [/ offset \w+/g, nothing],
  [/1 - /g, nothing],
];

function expressionsOf(expr: string): { what: string; expr: string }[] {
  const found = new Map<string, string>();
  for (const [pattern, change] of CHANGES) {
    for (const match of expr.matchAll(pattern)) {
      const changed = change(match);
      if (changed === undefined) continue;
      const mutated = expr.slice(0, match.index) + changed + expr.slice(match.index + match[0].length);
      if (mutated === expr || [...found.values()].includes(mutated)) continue;
      const brief = (text: string) => text.trim().replace(/\s+/g, ' ') || 'nothing';
      const what = `${brief(match[0])} → ${brief(changed)}`;
      // The same change at another place.
      const nth = [...found.keys()].filter((other) => other.replace(/ \(\d+\)$/, '') === what).length;
      found.set(nth === 0 ? what : `${what} (${nth + 1})`, mutated);
    }
  }
  return [...found].map(([what, mutated]) => ({ what, expr: mutated }));
}
