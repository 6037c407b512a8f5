import type { Firing, Series } from '../case.ts';
import { always, type Course } from './course.ts';
import type { Wait } from './wait.ts';

/** A rule about targets, as it is meant to be; windows and waits in ticks. */
export interface TargetRule extends Wait {
  readonly labels: Firing;
  readonly op: '>' | '<' | '>=';
  readonly limit: number;
  /** So many must be counted in the window, or be there on average. */
  readonly least: number;
  readonly window: number;
  /** Of a gauge: the most in the window is compared, in place of the mean. */
  readonly most?: boolean;
}

/** Rules of one alert about targets. */
export interface TargetKind {
  readonly rules: readonly TargetRule[];
  readonly tickS: number;
  /**
   * What is compared with the limit: a part of what was counted in the window (`counted`), of gauges (`gauges`), or a
   * gauge by itself (`level`).
   */
  readonly of: 'counted' | 'gauges' | 'level';
  /** Counted at each tick, or the level of the gauge. */
  readonly volume: number;
  /** The part of one that is well, and one that is as bad as can be. */
  readonly good: number;
  readonly bad: number;
  /** How far past the limit is just past it, as a ratio. */
  readonly past: number;
  /** Whether instances whose generator is saturated are left out. */
  readonly timed: boolean;
  /** @param count tick by tick: by how much it grows, or its level @param part the same */
  readonly series: (count: readonly number[], part: readonly number[], of: Of) => Series[];
}

/** Labels that set a series apart. */
export interface Of {
  readonly job: string;
  readonly instance: string;
  readonly target: string;
  readonly pod?: string;
}

export interface Instance {
  readonly pod?: string;
  readonly count: Course;
  /** The part of each that is counted. */
  readonly part: Course;
  readonly saturated?: Course;
}

/** What one target goes through, on instances of its own. */
export interface Experiment {
  /** Absent: a run is always active. */
  readonly active?: Course;
  readonly instances: readonly Instance[];
}

/** Returns what shows the edges of each rule, by name: limit, volume, window, waiting time, what is summed, what is left out. */
export function experimentsOf(kind: TargetKind): Record<string, Experiment> {
  const { rules, bad } = kind;
  const latest = Math.max(...rules.map(({ wait }) => wait)) + 8;
  const all = { count: always(kind.volume), part: always(bad) };
  return {
    ...Object.assign({}, ...rules.map((rule) => ofRule(kind, rule))),
    ...(kind.timed
      ? { 'saturated for a moment': { instances: [{ ...all, saturated: moment(latest) }] } }
      : {}),
    'a run begins': { active: [[0, 10], ...always(1)], instances: [all] },
    'a run ends': { active: [[1, latest], ...always(0)], instances: [all] },
    'no run of this job': { active: always(0), instances: [all] },
  };
}

const moment = (tick: number): Course => [
  [0, tick],
  [1, 1],
  [0, 1],
];

function ofRule(kind: TargetKind, rule: TargetRule): Record<string, Experiment> {
  const { good, bad, volume, timed, of } = kind;
  const { limit, op, least, window, wait, labels } = rule;
  const by = (share: number) => limit * (op === '<' ? 1 - share : 1 + share);
  const steady = (part: number, more: Partial<Instance> = {}): Instance => ({
    count: always(volume),
    part: always(part),
    ...more,
  });
  // Whole numbers: each window holds one burst, for as long as the longest wait.
  const burst = (n: number): Course => [
    [n, 1],
    [0, window - 1],
  ];
  const few = (n: number): Course =>
    of === 'counted' ? [...burst(n), ...burst(n), ...burst(n), ...always(0)] : always(n);
  // So many bad ticks in the window cross the limit.
  const crossing = Math.floor(((limit - good) / (bad - good)) * window + 1e-9) + 1;
  const aWhile: Course = [[good, 2 * window], [bad, crossing + wait + 5], ...always(good)];
  const most = 0.7 * (least === 0 ? 1 : least);
  const part = always(of === 'counted' ? most / window : most);
  const halves = (share: number, count: Course) => ({
    instances: ['x', 'y'].map((pod): Instance => ({ pod, count, part: always(share) })),
  });
  const found: Record<string, Experiment> = {
    'at the limit': { instances: [steady(limit)] },
    'just past the limit': { instances: [steady(by(kind.past))] },
    'just short of the limit': { instances: [steady(by(-kind.past))] },
    'bad for a while': { instances: [steady(0, { part: aWhile })] },
    'bad on two pods': halves(by(0.2), part),
    'at the limit on two pods': halves(limit, always(volume / 2)),
  };
  if (least > 0) {
    found['just enough'] = { instances: [{ count: few(least), part: always(bad) }] };
    found['too few'] = { instances: [{ count: few(least - 0.5), part: always(bad) }] };
  }
  if (timed) {
    found['at the limit, and bad on a saturated instance'] = {
      instances: [steady(limit), steady(bad, { saturated: always(1) })],
    };
    found['past the limit, and good on a saturated instance'] = {
      instances: [steady(by(kind.past)), steady(good, { count: always(10 * volume), saturated: always(1) })],
    };
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, one]) => [`${name} (${labels.severity})`, one]),
  );
}
