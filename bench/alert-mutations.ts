/**
 * Changes the alert rules one place at a time, runs the tests of the alerts on each, and lists the changes that no test
 * has noticed: `node_modules/.bin/node bench/alert-mutations.ts [part of a group's or an alert's name]`. It takes some
 * minutes and wants promtool (PROMTOOL=path for another one).
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type AlertRule, DEFAULT_RULES, type RuleGroup, ruleGroups } from '../src/gen/rules.ts';
import { ALERT_CASES } from '../test/alerts/cases.ts';
import { alertTestText, LIMIT_SETTINGS } from '../test/alerts/files.ts';

const PROMTOOL = process.env.PROMTOOL ?? 'promtool';
const only = process.argv[2] ?? '';
const run = promisify(execFile);
/** With limits for the alerts that are off by default. */
const GROUPS = ruleGroups({ ...DEFAULT_RULES, settings: LIMIT_SETTINGS });

type Rule = RuleGroup['rules'][number];
interface Mutation {
  readonly what: string;
  readonly rule: Rule;
}

function mutationsOf(rule: Rule): Mutation[] {
  const found = expressions(rule.expr).map(({ what, expr }) => ({ what, rule: { ...rule, expr } as Rule }));
  if (!('alert' in rule)) return found;
  const { for: waiting, keep_firing_for: keeping, ...rest } = rule as AlertRule;
  const keep = keeping === undefined ? {} : { keep_firing_for: keeping };
  if (waiting !== undefined) {
    const minutes = Number.parseInt(waiting, 10) * (waiting.endsWith('h') ? 60 : 1);
    found.push({
      what: `for: ${minutes * 2}m`,
      rule: { ...rest, ...keep, for: `${minutes * 2}m` } as AlertRule,
    });
    found.push({ what: 'for: half', rule: { ...rest, ...keep, for: `${minutes * 30}s` } as AlertRule });
    if (keeping !== undefined) {
      found.push({ what: 'no keep_firing_for', rule: { ...rest, for: waiting } as AlertRule });
      found.push({
        what: 'keep_firing_for: 8m',
        rule: { ...rest, for: waiting, keep_firing_for: '8m' } as AlertRule,
      });
    }
  }
  found.push({
    what: 'severity',
    rule: { ...(rule as AlertRule), labels: { ...(rule as AlertRule).labels, severity: 'page' } },
  });
  return found;
}

function expressions(expr: string): { what: string; expr: string }[] {
  const found: { what: string; expr: string }[] = [];
  const replaceEach = (pattern: RegExp, change: (match: RegExpMatchArray) => string | undefined): void => {
    for (const match of expr.matchAll(pattern)) {
      const by = change(match);
      if (by === undefined) continue;
      const mutated = expr.slice(0, match.index) + by + expr.slice(match.index + match[0].length);
      found.push({ what: `${match[0].trim()} → ${by.trim() || 'nothing'}`, expr: mutated });
    }
  };
  const scaled = (by: number) => (m: RegExpMatchArray) => {
    const n = Number(m[2]);
    const whole = n >= 10 && Number.isInteger(n);
    const changed = whole ? n + Math.sign(by - 1) : Number((n * by).toPrecision(8));
    return n === 0 || n === 1 ? undefined : `${m[1]}${changed}`;
  };
  replaceEach(/((?:>=|>|<|==) )(\d+(?:\.\d+)?)/g, scaled(1.01));
  replaceEach(/((?:>=|>|<|==) )(\d+(?:\.\d+)?)/g, scaled(0.99));
  replaceEach(/== 1\b/g, () => '== 0');
  replaceEach(/ > (?=[\d])/g, () => ' >= ');
  replaceEach(/ >= (?=[\d])/g, () => ' > ');
  replaceEach(/^ *(?:and|unless)\b(?:(?! \($).)*$/gm, () => '');
  replaceEach(/\nunless on \(job, instance\) \(\n[\s\S]*?\n\)/g, () => '');
  replaceEach(/\nor\n[\s\S]*$/g, () => '');
  replaceEach(/^[\s\S]*\nor\n/g, () => '');
  replaceEach(/\[(\d+)([mhd])\]/g, ([, n, unit]) => `[${Number(n) * 3}${unit}]`);
  replaceEach(/\[(\d+)([mhd]):/g, ([, n, unit]) => `[${Number(n) * 3}${unit}:`);
  replaceEach(/, \w+=~?"[^"]*"|\w+=~?"[^"]*"(?:, )?/g, () => '');
  replaceEach(/without \(instance, pod/g, () => 'without (pod');
  replaceEach(/, (?:phase|result, outcome|result)\)/g, () => ')');
  replaceEach(/max_over_time/g, () => 'min_over_time');
  replaceEach(/min_over_time/g, () => 'max_over_time');
  replaceEach(/avg_over_time/g, () => 'max_over_time');
  replaceEach(/\bmax without/g, () => 'min without');
  replaceEach(/ offset \w+/g, () => '');
  replaceEach(/1 - /g, () => '');
  return found;
}

const folder = mkdtempSync(join(tmpdir(), 'soakd-mutations-'));
const names = new Set(ALERT_CASES.map((c) => c.alert));
let tried = 0;
let unnoticed = 0;

async function promtool(...args: string[]): Promise<boolean> {
  return run(PROMTOOL, args).then(
    () => true,
    () => false,
  );
}

async function noticed(group: RuleGroup, index: number, mutation: Mutation): Promise<boolean | 'invalid'> {
  const rules = group.rules.map((rule, i) => (i === index ? mutation.rule : rule));
  const file = join(folder, `${group.name}.rules.yml`);
  writeFileSync(file, stringify({ groups: [{ ...group, rules }] }, { lineWidth: 0 }));
  if (!(await promtool('check', 'rules', '--lint=none', file))) return 'invalid';
  const rule = group.rules[index]!;
  const own = 'alert' in rule && names.has(rule.alert) ? rule.alert : undefined;
  for (const cases of ALERT_CASES) {
    if (own === undefined ? !cases.rules.includes(group.name) : cases.alert !== own) continue;
    if (!(await promtool('test', 'rules', join(folder, `${cases.alert}.test.yml`)))) return true;
  }
  return false;
}

function writeAll(): void {
  for (const group of GROUPS)
    writeFileSync(join(folder, `${group.name}.rules.yml`), stringify({ groups: [group] }, { lineWidth: 0 }));
  for (const cases of ALERT_CASES)
    writeFileSync(join(folder, `${cases.alert}.test.yml`), alertTestText(cases, '.'));
}

try {
  for (const group of GROUPS) {
    for (const [index, rule] of group.rules.entries()) {
      const name = 'alert' in rule ? `${rule.alert} (${rule.labels.severity})` : rule.record;
      if (!`${group.name} ${name}`.includes(only)) continue;
      let bad = 0;
      const mutations = mutationsOf(rule);
      for (const mutation of mutations) {
        writeAll();
        const result = await noticed(group, index, mutation);
        if (result === 'invalid') continue;
        tried++;
        if (result) continue;
        bad++;
        unnoticed++;
        process.stdout.write(`  not noticed: ${mutation.what}\n`);
      }
      process.stdout.write(
        `${name}: ${mutations.length} changes${bad === 0 ? '' : `, ${bad} not noticed`}\n`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`\n${tried} changes, ${unnoticed} that no test notices\n`);
