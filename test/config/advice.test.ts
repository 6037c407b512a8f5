import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AdHocFlags, adHocConfig } from '../../src/config/ad-hoc.ts';
import { FLAGS } from '../../src/config/ad-hoc-flags.ts';
import { check } from '../../src/config/check.ts';
import { isMapping } from '../../src/config/describe.ts';
import type { Path } from '../../src/config/problem.ts';
import { Fault } from '../../src/config/schema/combinators.ts';
import { readDuration, readNumber, readShare } from '../../src/config/schema/scalars.ts';
import { simulatorOptions } from '../../src/config/simulator.ts';
import { readSource } from '../../src/config/source.ts';
import { SoakError } from '../../src/core/errors.ts';

/** @returns the values that an advice names, as they would be typed; none where it names none */
function advised(advice: string): string[] {
  const text = /^write (?:for example |at least |at most )?(.+?)(?: without quotes)?$/.exec(advice)?.[1];
  if (text === undefined || !/^-?[\d.]/.test(text)) return [];
  return text.split(' or ');
}

const WRONG = [
  '0',
  '-1',
  '-0.5',
  '1.5',
  '0.001',
  '99999999999',
  '1e400',
  'x',
  '',
  '30',
  '5 minutes',
  '0s',
  '0ms',
  '0KB',
];

/** What is said of a value that is right in itself, and at odds with another one. */
const NAMES_ANOTHER = /^(lower|raise|shorten|write https:).*, or /;

/** @returns the line that is about a flag; `undefined` where it is accepted */
function lineOf(attempt: () => unknown, flag: string): string | undefined {
  try {
    attempt();
  } catch (error) {
    assert.ok(error instanceof SoakError, String(error));
    return error.details.find((line) => line.startsWith(`${flag}: `));
  }
  return undefined;
}

const adviceOf = (line: string): string => line.slice(line.lastIndexOf('; ') + 2);

const dashed = (flag: string): string => `--${flag.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

function assertAdvice(flag: string, value: string, attempt: (value: string) => unknown): number {
  const line = lineOf(() => attempt(value), dashed(flag));
  if (line === undefined) return 0;
  const values = advised(adviceOf(line));
  for (const better of values) {
    const left = lineOf(() => attempt(better), dashed(flag));
    assert.ok(
      left === undefined || NAMES_ANOTHER.test(adviceOf(left)),
      `after ${better} for ${line}: ${left}`,
    );
  }
  return values.length;
}

describe('what an error advises is accepted', () => {
  const texts = [
    'terminal',
    'terminalPath',
    'terminalEvent',
    'errorPath',
    'errorEvent',
    'header',
    'body',
    'allow',
    'threshold',
  ];
  const target = 'http://127.0.0.1:9/';
  for (const flag of Object.keys(FLAGS).filter((f) => !texts.includes(f)) as (keyof AdHocFlags)[])
    it(`${dashed(flag)} of run and probe`, () => {
      for (const value of WRONG) assertAdvice(flag, value, (given) => adHocConfig({ target, [flag]: given }));
    });

  it('--users beside --rate', () => {
    let seen = 0;
    for (const value of WRONG)
      seen += assertAdvice('users', value, (users) => adHocConfig({ target, rate: '1', users }));
    assert.ok(seen > 3);
  });

  it('a flag without any load is named itself', () => {
    for (const value of ['0', '-1'])
      for (const flag of ['users', 'rate']) {
        const attempt = () => adHocConfig({ target, [flag]: value });
        assert.match(lineOf(attempt, dashed(flag)) ?? '', /; write (for example|at least) 1$/);
        assert.equal(lineOf(attempt, '--for'), undefined);
      }
  });

  for (const flag of ['seed', 'ttfb', 'gap', 'chunks', 'characters', 'capacity', 'retryAfter'] as const)
    it(`${dashed(flag)} of simulate`, () => {
      for (const value of WRONG) assertAdvice(flag, value, (given) => simulatorOptions({ [flag]: given }));
    });

  it('at every number and text of the full example of docs/configuration.md', () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const example = [...docs.matchAll(/^```yaml\n(.*?)^```$/gms)][1]![1]!;
    const { data } = readSource(example, 'docs');
    const around = { baseDir: '/', readFile: () => Buffer.from('["a"]') };
    const issueAt = (path: Path, value: unknown) => {
      const checked = check(replaced(data, path, value), around);
      if (!('problems' in checked)) return undefined;
      return checked.problems.find((p) => JSON.stringify(p.path) === JSON.stringify(path));
    };
    let seen = 0;
    // Of keys that stand in several targets, scenarios or lists one stands for all.
    const paths = new Map(
      leaves(data).map((path) => [
        path
          .filter((s) => typeof s === 'string')
          .slice(-2)
          .join('.'),
        path,
      ]),
    );
    for (const path of paths.values())
      for (const value of [0, -1, 1.5, 99999999999, '0', '30', '0s', '30 s', 'x']) {
        const issue = issueAt(path, value);
        if (issue === undefined || /; did you mean/.test(issue.advice)) continue;
        for (const better of advised(issue.advice)) {
          seen++;
          const typed = readSource(better, '').data;
          const line = `${path.join('.')}: found ${issue.found}, expected ${issue.expected}; ${issue.advice}`;
          const left = issueAt(path, typed)?.advice;
          assert.ok(left === undefined || NAMES_ANOTHER.test(left), `after ${better} for ${line}: ${left}`);
        }
      }
    assert.ok(seen > 300, `only ${seen} were seen`);
  });

  it('of every range of numbers', () =>
    fc.assert(
      fc.property(
        fc.record({ min: fc.integer({ min: -5, max: 5 }), width: fc.integer({ min: 1, max: 9 }) }),
        fc.boolean(),
        fc.boolean(),
        fc.oneof(fc.double(), fc.integer({ min: -20, max: 20 }), fc.constantFrom('x', '', '3', ' 4 ', null)),
        ({ min, width }, whole, above, value) => {
          const range = { min, max: min + width, whole, above };
          const read = readNumber(value, range);
          if (!(read instanceof Fault)) return;
          const [better] = advised(read.advice);
          assert.ok(better !== undefined, read.advice);
          assert.ok(!(readNumber(Number(better), range) instanceof Fault), read.advice);
        },
      ),
    ));

  it('of every range of durations, and of shares', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: -2, max: 1e6 }),
          fc.constantFrom(...WRONG, null, '1 hour', '90 secs', '2 days'),
        ),
        fc.boolean(),
        fc.constantFrom(10, 1000, 60_000, 1e9),
        (value, zero, maxMs) => {
          const read = readDuration(value, { zero, maxMs });
          if (read instanceof Fault)
            for (const better of advised(read.advice))
              assert.ok(!(readDuration(better, { zero, maxMs }) instanceof Fault), read.advice);
          const share = readShare(value);
          if (share instanceof Fault)
            for (const better of advised(share.advice))
              assert.ok(
                !(readShare(better.endsWith('%') ? better : Number(better)) instanceof Fault),
                share.advice,
              );
        },
      ),
    ));
});

function leaves(data: unknown, path: Path = []): Path[] {
  if (Array.isArray(data)) return data.flatMap((inner, i) => leaves(inner, [...path, i]));
  if (isMapping(data)) return Object.entries(data).flatMap(([key, inner]) => leaves(inner, [...path, key]));
  return [path];
}

/** @returns a copy with another value at the path */
function replaced(data: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  const copy = Array.isArray(data) ? [...data] : { ...(data as object) };
  const at = copy as Record<string | number, unknown>;
  at[step] = replaced(at[step], rest, value);
  return copy;
}
