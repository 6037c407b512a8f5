import type { Verdict } from '../../src/core/run.ts';
import { type CheckedRun, checkedRun } from '../../src/report/checks.ts';
import type { LoadDelivered, Summary } from '../../src/schema/summary.ts';
import { summaryOf } from './samples.ts';

const delivered = (target: string) => ({ target, ratio: null, started: null, due: null, userMs: 60_000 });
/** All of the load of the targets a and b. */
export const LOAD: LoadDelivered = { ratio: 1, required: 0.95, perTarget: ['a', 'b'].map(delivered) };

export const TTFB: Verdict = {
  threshold: 'ttfb-p95',
  target: 'a',
  result: 'pass',
  observed: 900,
  limit: 2500,
  unit: 'ms',
  op: '>',
  count: 100,
  required: 1,
  crossed: [],
};
export const SUCCESS: Verdict = {
  ...TTFB,
  threshold: 'success-rate',
  observed: 0.9333,
  limit: 0.99,
  unit: 'ratio',
  op: '<',
};
export const evaluated = (result: Verdict['result'], verdict: Verdict = TTFB): Verdict => ({
  ...verdict,
  result,
});

/** Names that no configuration has: what writes them must not rely on that. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  'a|b\n| c | d',
  '\u0000\u001b[31mred\u0007',
  '🎉\ud800',
  '\u202eright to left',
  '::error title=x,y::%0A100%',
  'https://evil.example/ www.evil.example me@evil.example @octocat #1',
  '[x](javascript:alert(1)) ![x](y) **b** `c` &lt;b&gt; ]]>',
];

/** A summary in which every target has one failed limit. */
export function summaryWithTargets(names: readonly string[]): Summary {
  const failed = { ...evaluated('fail'), observed: 4100 };
  const cells = { started: 3, 'finished:complete': 2, 'finished:reset': 1 };
  const summary = summaryOf({ verdict: 'fail', verdicts: [failed] }, cells, {}, undefined, LOAD);
  return {
    ...summary,
    targets: names.map((name) => ({ ...summary.targets[0]!, name })),
    thresholds: names.map((target) => ({ ...summary.thresholds[0]!, target })),
  };
}

export const checkedTargets = (names: readonly string[]): CheckedRun => checkedRun(summaryWithTargets(names));
