import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkedRun } from '../../src/report/checks.ts';
import { annotationOfError, annotationsOfRun, inert, inertJson } from '../../src/report/github.ts';
import { checkedTargets, evaluated, HOSTILE, LOAD, SUCCESS } from '../../support/report/checked.ts';
import { DRIFT, summaryOf } from '../../support/report/samples.ts';

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Reads lines as the runner of GitHub does: `::` first after spaces, or `##[` anywhere. */
function commandsIn(output: string): Command[] {
  return output.split(/\r\n|\r|\n/).flatMap((line): Command[] => {
    const old = line.indexOf('##[');
    const match = /^::([\w-]+)(?: (.*?))?::(.*)$/s.exec(line.replace(/^[\s\u0085]+/, ''));
    if (match === null) return old === -1 ? [] : [{ name: line.slice(old), properties: {}, data: '' }];
    const undo = (text: string) =>
      text
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
        .replaceAll('%0D', '\r')
        .replaceAll('%0A', '\n')
        .replaceAll('%25', '%');
    const pairs = (match[2] ?? '').split(',').filter((p) => p.includes('='));
    const properties = pairs.map((p) => [p.slice(0, p.indexOf('=')), undo(p.slice(p.indexOf('=') + 1))]);
    const data = match[3]!.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
    return [{ name: match[1]!, properties: Object.fromEntries(properties), data }];
  });
}

describe('annotations of GitHub', () => {
  it('a crossed limit is an error, an inconclusive one a warning, and a pass nothing', () => {
    const { observed: _, ...without } = SUCCESS;
    const verdicts = [
      evaluated('pass'),
      { ...evaluated('fail'), target: 'b', observed: 4100 },
      { ...evaluated('inconclusive'), observed: 2510 },
      { ...evaluated('no-data', without), count: 0 },
    ];
    const run = checkedRun(
      summaryOf({ verdict: 'fail', verdicts }, {}, {}, undefined, { ...LOAD, ratio: 0.5 }),
    );
    assert.equal(
      annotationsOfRun(run),
      [
        '::error title=soakd%3A b::TTFB p95 at most 2.5s: TTFB p95 4.1s > 2.5s on b',
        '::warning title=soakd::at least 95 %25 of the planned load is delivered: inconclusive: 50 %25 of the planned load was delivered',
        '::warning title=soakd%3A a::TTFB p95 at most 2.5s: inconclusive: TTFB p95 2.51s > 2.5s on a is within the measurement error',
        '::warning title=soakd%3A a::success rate at least 99 %25: inconclusive: no data for success rate on a: nothing was observed',
        '',
      ].join('\n'),
    );
  });

  it('a pass has none', () => {
    assert.equal(
      annotationsOfRun(checkedRun(summaryOf({ verdicts: [evaluated('pass')] }, {}, {}, undefined, LOAD))),
      '',
    );
  });

  it('a run that was broken off is an error, and what drifts a warning', () => {
    const run = summaryOf(
      { verdict: 'aborted', reason: 'stopped', verdicts: [evaluated('pass')] },
      {},
      {},
      DRIFT,
      LOAD,
    );
    const found = commandsIn(annotationsOfRun(checkedRun(run)));
    assert.deepEqual(
      found.map((c) => [c.name, c.properties.title]),
      [
        ['error', 'soakd'],
        ['warning', 'soakd: a'],
        ['warning', 'soakd'],
      ],
    );
    assert.match(found[0]!.data, /aborted: stopped through the API/);
  });

  it('are at most ten of a kind, of which the last counts the others', () => {
    const names = (n: number) => Array.from({ length: n }, (_, i) => `t${i}`);
    assert.equal(commandsIn(annotationsOfRun(checkedTargets(names(10)))).length, 10);
    const found = commandsIn(annotationsOfRun(checkedTargets(names(11))));
    assert.equal(found.length, 10);
    assert.match(found.at(-1)!.data, /^and 2 more errors/);
  });

  it('are read as they were written, whatever the name', () => {
    const found = commandsIn(annotationsOfRun(checkedTargets(HOSTILE)));
    assert.deepEqual(
      found.map((c) => [c.name, c.properties.title]),
      HOSTILE.map((name) => ['error', `soakd: ${name.toWellFormed()}`]),
    );
    const error = 'a\r\n::set-output name=x::y, 100%25: z';
    assert.deepEqual(commandsIn(annotationOfError(error)), [
      { name: 'error', properties: { title: 'soakd' }, data: error },
    ]);
  });

  it('are cut where a text is long', () => {
    const [only] = commandsIn(annotationOfError('🎉'.repeat(5000)));
    assert.equal(only!.data.length, 2000);
    assert.ok(only!.data.endsWith('…') && only!.data.isWellFormed());
  });
});

describe('text that a target has a part in', () => {
  const pieces = fc.constantFrom(
    '::',
    ':',
    '##[',
    '##',
    '[',
    ' ',
    '\t',
    '\n',
    '\r',
    '\u0085',
    '\u00a0',
    'error',
    ' title=x',
    '"',
    '\\',
  );
  const text = fc.array(pieces, { maxLength: 20 }).map((all) => all.join(''));

  it('holds no workflow command', () => {
    assert.ok(commandsIn(' ::error::x').length > 0, 'the reader finds what it is for');
    assert.equal(inert('  ::error::x\nno ##[error]x\na::b'), '  : :error::x\nno ## [error]x\na::b');
    fc.assert(fc.property(text, (t) => assert.deepEqual(commandsIn(inert(t)), [])));
  });

  it('holds none as JSON either, and is the same value', () => {
    fc.assert(
      fc.property(text, (t) => {
        const json = inertJson(JSON.stringify({ t }));
        assert.deepEqual(JSON.parse(json), { t });
        assert.deepEqual(commandsIn(json), []);
      }),
    );
  });
});
