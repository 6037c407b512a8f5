import { formatDuration } from './core/duration.ts';
import { formatPercent } from './core/number.ts';
import type { LiveThreshold, LiveThresholds } from './http/live-thresholds.ts';
import { verdictReason } from './report/reason.ts';
import { measureOf, thresholdSummary } from './report/threshold-summary.ts';
import type { Runner } from './run/runner.ts';
import { ALERTS } from './thresholds/table.ts';
import type { Threshold } from './thresholds/threshold.ts';
import { overall } from './thresholds/verdict.ts';
import type { ThresholdStatus } from './thresholds/watch.ts';

/** Time for which an answer is kept, ms: evaluations are five seconds apart, and each page asks. */
const KEPT_MS = 1000;

const OPS = { '<': 'below', '>': 'above', '>=': 'at or above' } as const;

/** Live state of the thresholds, and the verdict so far. */
export class ServiceThresholds {
  readonly #runner: () => Runner;
  #made: { readonly atMs: number; readonly answer: LiveThresholds } | undefined;

  constructor(runner: () => Runner) {
    this.#runner = runner;
  }

  get(nowMs: number = performance.now()): LiveThresholds {
    const runner = this.#runner();
    const { run: latest } = runner;
    const run = latest !== undefined && latest.state !== 'finished' ? latest.id : null;
    const made = this.#made;
    if (made !== undefined && nowMs - made.atMs < KEPT_MS && made.answer.run === run) return made.answer;
    const thresholds = runner.thresholds().map(liveThreshold);
    const answer = { run, verdict: run === null ? null : verdictSoFar(runner), thresholds };
    this.#made = { atMs: nowMs, answer };
    return answer;
  }
}

function verdictSoFar(runner: Runner): LiveThresholds['verdict'] {
  const verdicts = runner.verdicts();
  const result = overall(verdicts);
  const reason = verdictReason({
    verdict: result,
    endReason: 'completed',
    thresholds: verdicts.map((verdict) => thresholdSummary(verdict, [])),
    loadDelivered: { ratio: null, required: 0, perTarget: [] },
  });
  return { result, reason };
}

function liveThreshold(status: ThresholdStatus): LiveThreshold {
  const { threshold, target, limit, state, observed, abort, crossings } = status;
  const { id, metric, statistic, op, unit, severity, alert } = threshold;
  const isQuiet = state !== 'crossed' && crossings.length === 0;
  return {
    threshold: id,
    target,
    measure: metric,
    statistic,
    op,
    limit,
    unit,
    severity,
    state,
    observed,
    abort,
    text: limitText(threshold, limit),
    action: isQuiet ? null : (ALERTS[alert]?.action ?? null),
    crossings,
  };
}

/** Returns when a threshold is crossed: "TTFB p95 is above 2.5s". */
function limitText({ id, op, unit }: Threshold, limit: number): string {
  const noun = measureOf(id);
  if (unit === 'state') return noun;
  const value =
    unit === 'ms' ? formatDuration(limit) : unit === 'ratio' ? formatPercent(limit) : String(limit);
  return `${noun} is ${OPS[op]} ${value}`;
}
