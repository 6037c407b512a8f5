import type { Case, Firing, Series } from '../case.ts';
import { finished, onTarget, runActive } from '../series.ts';
import { always, type Course, counterText, gaugeText, increments, levels } from './course.ts';
import { type Expected, edgeCase, firingAt } from './wait.ts';

/** Minutes. By hand, so that a rule that changes by mistake is noticed. */
interface BurnRule {
  readonly severity: string;
  readonly window: string;
  readonly limit: number;
  readonly long: number;
  readonly short: number;
  readonly least: number;
  readonly wait: number;
}

const rule = (severity: string, window: string, limit: number, rest: readonly number[]): BurnRule => {
  const [long, short, least, wait] = rest as [number, number, number, number];
  return { severity, window, limit, long, short, least, wait };
};

const HOUR = 60;
const DAY = 24 * HOUR;
const RULES: readonly BurnRule[] = [
  rule('critical', '1h', 0.072, [HOUR, 5, 50, 2]),
  rule('critical', '6h', 0.03, [6 * HOUR, 30, 100, 15]),
  rule('warning', '1d', 0.015, [DAY, 2 * HOUR, 200, HOUR]),
  rule('warning', '3d', 0.005, [3 * DAY, 6 * HOUR, 600, 3 * HOUR]),
];
/** Longer windows are sums of short ones, one every five minutes. */
const TILE = 5;
const TILED_FROM = 6 * HOUR;
const VOLUME = 20_000;

interface Experiment {
  readonly active?: Course;
  /** Streams that finish on each pod at each tick. */
  readonly count: Course;
  /** The share of them that fail. */
  readonly failed: Course;
  readonly pods?: number;
}

/** @param tick minutes */
function experimentsOf(rules: readonly BurnRule[], tick: number): Record<string, Experiment> {
  const steady = (share: number): Experiment => ({ count: always(VOLUME), failed: always(share) });
  const once = (n: number): Course => [[n, 1], ...always(0)];
  const found = rules.map(({ window, limit, least, wait, short }): Record<string, Experiment> => {
    // Samples of the short window; sums of tiles have one at each end.
    const size = short / tick + (short < TILED_FROM ? 0 : 1);
    // A share that makes the long window reach the limit exactly, and later the short one fall to it exactly.
    const low = Math.floor(size / 2);
    const high = size - low;
    // Twice as long as the short window, so that the two do not see the same.
    const phase = Math.max(2 * high + wait / tick + 5, size + 2, 3 * high + 3);
    const before = 10;
    const bad = Math.ceil((before * limit) / (1 - limit)) + wait / tick + 5;
    return {
      [`at the limit of ${window}`]: steady(limit),
      [`just past the limit of ${window}`]: steady(limit * 1.005),
      [`just enough for ${window}`]: { count: once(least), failed: always(1) },
      [`too few for ${window}`]: { count: once(least - 0.5), failed: always(1) },
      [`enough on two pods for ${window}`]: {
        count: once(0.7 * least),
        failed: always(1.2 * limit),
        pods: 2,
      },
      [`one window at the limit of ${window}, then the other`]: {
        count: always((VOLUME * high) / 2),
        failed: [[0, 2 * low], [(limit * size) / high, phase], ...always(0)],
        pods: 2,
      },
      [`bad for a while, for ${window}`]: {
        count: always(VOLUME / 2),
        failed: [[0, before], [1, bad], ...always(0)],
        pods: 2,
      },
    };
  });
  return Object.assign({}, ...found);
}

/** @param tick minutes */
function burnCase(experiments: Readonly<Record<string, Experiment>>, ticks: number, tick: number): Case {
  const series: Series[] = [runActive(`1x${ticks}`)];
  const expected: Expected[] = [];
  for (const [target, { active = always(1), count, failed, pods = 1 }] of Object.entries(experiments)) {
    const job = active[0]![0] === 1 && active.length === 1 ? 'soak' : `soak, ${target}`;
    const runs = levels(active, ticks);
    if (job !== 'soak') series.push({ ...runActive(gaugeText(runs)), labels: { job, instance: 'any' } });
    const ended = increments(count, ticks);
    const failures = increments(failed, ticks).map((share, i) => share * ended[i]!);
    for (let pod = 0; pod < pods; pod++) {
      const of = { job, instance: `${target} ${pod}`, target, ...(pods > 1 ? { pod: `${pod}` } : {}) };
      const successes = ended.map((n, i) => n - failures[i]!);
      const name = 'soak_streams_finished_total';
      series.push(
        { name, labels: { ...of, result: 'failed', outcome: 'reset' }, values: counterText(failures) },
        { name, labels: { ...of, result: 'success', outcome: 'complete' }, values: counterText(successes) },
      );
    }
    for (const { severity, window, limit, long, short, least, wait } of RULES) {
      const holds = runs.map((_, at) => {
        const during = runs.slice(Math.max(0, at - Math.floor(1 / tick)), at + 1).includes(1);
        const longCount = sum(ended, at, long, tick);
        return (
          during &&
          longCount * pods >= least &&
          isOver(sum(failures, at, long, tick) / longCount, limit) &&
          isOver(sum(failures, at, short, tick) / sum(ended, at, short, tick), limit)
        );
      });
      expected.push({
        labels: { severity, window, job, target },
        firing: firingAt(holds, { wait: wait / tick }),
      });
    }
  }
  return edgeCase(series, expected, tick * 60);
}

/** Returns what a counter has grown by in a window of minutes, or of its tiles. */
function sum(values: readonly number[], at: number, window: number, tick: number): number {
  const inLast = (minutes: number, end: number) => {
    let total = 0;
    for (let i = Math.max(1, end - minutes / tick + 1); i <= end; i++) total += values[i]!;
    return total;
  };
  if (window < TILED_FROM) return inLast(window, at);
  let total = 0;
  const step = TILE / tick;
  for (let tile = Math.floor(at / step) * step; tile > 0 && tile >= at - window / tick; tile -= step)
    total += inLast(TILE, tile);
  return total;
}

/** Whether a share is over a limit, and not just by the noise of doubles. */
function isOver(share: number, limit: number): boolean {
  return share > limit * (1 + 1e-9);
}

const HOURS = experimentsOf(RULES.slice(0, 2), 1);
const DAYS = experimentsOf(RULES.slice(2), TILE);
const bad = { count: always(VOLUME), failed: always(1) };
const RUNS: Readonly<Record<string, Experiment>> = {
  'a run begins': { ...bad, active: [[0, 10], ...always(1)] },
  'a run ends': { ...bad, active: [[1, 190], ...always(0)] },
  'no run of this job': { ...bad, active: always(0) },
};

const on = (severity: string, window: string): Firing => onTarget(severity, 'chat', { window });

const WARNINGS = [on('warning', '1d'), on('warning', '3d')];
const of = (target: string, ...alerts: readonly Firing[]) => alerts.map((labels) => ({ ...labels, target }));
const LEAKS = [...of('leaks', ...WARNINGS), ...of('leaks a little', WARNINGS[1]!)];

/** 1000 streams at each tick: shares of failures, each for so many ticks. */
function failing(target: string, shares: Course): Series[] {
  const failures = levels(shares, 1100).map((share, i) => (i === 0 ? 0 : 1000 * share));
  const successes = failures.map((n, i) => (i === 0 ? 0 : 1000 - n));
  return finished({ failed: counterText(failures), success: counterText(successes) }, { target });
}

const TICKS_OF_HOUR = 12;
/** What was before a window does not count. */
const FORGETTING: Case = {
  series: [
    runActive('1x1100'),
    // An hour of good streams hides the failures after it until the window has forgotten it.
    ...finished({ success: '0+100000x12 1200142.5+142.5x1080', failed: '0x12 7.5+7.5x1080' }),
    ...failing('leaks', always(0.02)),
    ...failing('leaks a little', always(0.0075)),
    // An hour of failures, which is forgotten when a few come again after a day and after three.
    ...failing('forgiven', [
      [1, TICKS_OF_HOUR + 1],
      [0, 26 * TICKS_OF_HOUR],
      [0.025, 3 * TICKS_OF_HOUR],
      [0, 45 * TICKS_OF_HOUR],
      [0.01, 10 * TICKS_OF_HOUR],
    ]),
  ],
  at: {
    '7h30m': LEAKS,
    '8h30m': [on('critical', '6h'), ...LEAKS],
    '25h30m': [on('critical', '6h'), ...LEAKS],
    '27h': [on('critical', '6h'), on('warning', '1d'), ...LEAKS],
    '30h': [on('critical', '6h'), on('warning', '1d'), ...LEAKS],
    '75h': [on('critical', '6h'), on('warning', '1d'), ...LEAKS],
    '77h': [on('critical', '6h'), ...WARNINGS, ...LEAKS],
    '84h': [on('critical', '6h'), ...WARNINGS, ...LEAKS],
  },
};

/** Tests of the error budget: a window of days need not be looked at every minute. */
export const BURN_EDGES = {
  'edges-hours': {
    every: '1m',
    sampled: '1m',
    tests: {
      'each edge by itself': burnCase(HOURS, 110, 1),
      'runs that begin and end': burnCase(RUNS, 200, 1),
    },
  },
  'edges-days': {
    every: '5m',
    sampled: '5m',
    tests: { 'each edge by itself': burnCase(DAYS, 230, TILE) },
  },
  'edges-memory': {
    every: '30m',
    sampled: '5m',
    tests: { 'each window forgets what was before it': FORGETTING },
  },
};
