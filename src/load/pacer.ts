import type { Random } from '../core/random.ts';
import type { Model, Stage } from '../core/scenario.ts';
import { areaIn, levelIn, type Piece, piecesOf, ROUNDING, reaches, whenArea } from './shape.ts';

/** Starts a second over all workers to which a simultaneous start is spread. */
export const DIALS_PER_SECOND = 3000;

interface Pace {
  /** Planned length, ms. */
  readonly durationMs: number;
  /** The highest level of the plan. */
  readonly peak: number;
  /** Level at a time from the start: virtual users, or streams a second; 0 before the start and from the end on. */
  level(elapsedMs: number): number;
  /** Index of the stage at that time; the last one from the end on. */
  stage(elapsedMs: number): number;
}

/** When each virtual user is to be there. A pure function: user `k` is wanted while the level is ≥ k + 1. */
export interface UserPacer extends Pace {
  /** @returns the first time ≥ `sinceMs` at which user `k` (from 0) is due for a stream; `Infinity` for never */
  due(k: number, sinceMs: number): number;
}

/** When arrival after arrival is due, whatever the target does. */
export interface ArrivalPacer extends Pace {
  /** @returns due times in ms, ascending, up to the end of the plan */
  arrivals(): Iterator<number, undefined>;
}

function pace(stages: readonly Stage[], pieces: readonly Piece[]): Pace {
  const ends: number[] = [];
  let end = 0;
  for (const stage of stages) {
    end += stage.durationMs;
    ends.push(end);
  }
  const peak = pieces.reduce((max, p) => {
    const top = p.kind === 'linear' ? Math.max(p.from, p.to) : p.middle + p.amplitude;
    return Math.max(max, top);
  }, 0);
  return {
    durationMs: end,
    peak,
    level(elapsedMs) {
      const piece = pieces.find((p) => elapsedMs >= p.fromMs && elapsedMs < p.toMs);
      return piece === undefined ? 0 : levelIn(piece, elapsedMs);
    },
    stage(elapsedMs) {
      const i = ends.findIndex((e) => elapsedMs < e);
      return i < 0 ? ends.length - 1 : i;
    },
  };
}

/**
 * The closed model. Where the level jumps, the users who join are due one after another at
 * `dialsPerSecond`: the spread is part of the plan and not a lag of the generator.
 */
export function userPacer(stages: readonly Stage[], dialsPerSecond = DIALS_PER_SECOND): UserPacer {
  const pieces = piecesOf(stages);
  const base = pace(stages, pieces);
  const before = pieces.map((_, i) => (i === 0 ? 0 : levelIn(pieces[i - 1]!, pieces[i - 1]!.toMs)));

  function due(k: number, sinceMs: number): number {
    let since = Math.max(0, sinceMs);
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      if (since >= piece.toMs) continue;
      const from = Math.max(since, piece.fromMs);
      let at = reaches(piece, k + 1, from);
      if (at === undefined) continue;
      if (at === piece.fromMs && before[i]! < k + 1 - ROUNDING) {
        at += ((k - Math.floor(before[i]! + ROUNDING)) * 1000) / dialsPerSecond;
        // The jump was over before this user's turn came; what is left of this piece may want it later.
        if (at >= piece.toMs || levelIn(piece, at) < k + 1 - ROUNDING) {
          since = at;
          if (at < piece.toMs) i--;
          continue;
        }
      }
      return at;
    }
    return Number.POSITIVE_INFINITY;
  }
  return { ...base, due };
}

/**
 * The open model. Arrivals are the times at which the integral of the rate passes 0, 1, 2, … (constant), or
 * the sums of exponential draws of mean 1 (Poisson: the time-rescaling theorem for a process whose rate
 * varies, e.g. Çınlar, Introduction to Stochastic Processes, 1975, ch. 4).
 */
export function arrivalPacer(
  stages: readonly Stage[],
  arrivals: Extract<Model, { kind: 'open' }>['arrivals'],
  random: Random,
): ArrivalPacer {
  const pieces = piecesOf(stages);

  function* dues(): Generator<number, undefined> {
    let sum = arrivals === 'poisson' ? -Math.log(1 - random()) : 0;
    let before = 0;
    for (const piece of pieces) {
      // Rates are a second, times are ms.
      const area = areaIn(piece, piece.toMs) / 1000;
      while (sum < before + area) {
        const at = whenArea(piece, (sum - before) * 1000);
        if (at >= piece.toMs) break;
        yield at;
        sum += arrivals === 'poisson' ? -Math.log(1 - random()) : 1;
      }
      before += area;
    }
    return undefined;
  }
  return { ...pace(stages, pieces), arrivals: dues };
}
