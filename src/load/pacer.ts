import { DIALS_PER_SECOND } from '../core/generator.ts';
import type { Random } from '../core/random.ts';
import type { Model } from '../core/scenario.ts';
import type { Stage } from '../shapes/list.ts';
import { piecesOf } from '../shapes/list.ts';
import { areaIn, levelIn, type Piece, ROUNDING, reaches, whenArea } from '../shapes/piece.ts';

interface Pace {
  readonly pieces: readonly Piece[];
  /** Planned length, ms. */
  readonly durationMs: number;
  /** The highest level of the plan. */
  readonly peak: number;
  /** Level at a time from the start: virtual users, or streams a second; 0 before the start and from the end on. */
  level(elapsedMs: number): number;
  /** Index of the stage at that time; the last one from the end on. */
  stage(elapsedMs: number): number;
}

/** When each virtual user is wanted. A pure function: user `k` is wanted while the level is ≥ k + 1. */
export interface UserPacer extends Pace {
  /** @returns the first time ≥ `sinceMs` at which user `k` (from 0) is due for a stream; `Infinity` for never */
  due(k: number, sinceMs: number): number;
}

/** When arrivals are due, independent of the target. */
export interface ArrivalPacer extends Pace {
  /**
   * @param area how many streams the rate has brought by then: its integral from the start, in streams
   * @returns when that is so, ms; `undefined` where the plan never brings so many
   */
  when(area: number): number | undefined;
}

function pace(pieces: readonly Piece[]): Pace {
  const peak = pieces.reduce((max, p) => {
    const top = p.kind === 'linear' ? Math.max(p.from, p.to) : p.middle + p.amplitude;
    return Math.max(max, top);
  }, 0);
  return {
    pieces,
    durationMs: pieces.at(-1)?.toMs ?? 0,
    peak,
    level(elapsedMs) {
      const piece = pieces.find((p) => elapsedMs >= p.fromMs && elapsedMs < p.toMs);
      return piece === undefined ? 0 : levelIn(piece, elapsedMs);
    },
    stage(elapsedMs) {
      return (pieces.find((p) => elapsedMs < p.toMs) ?? pieces.at(-1))?.stage ?? 0;
    },
  };
}

/**
 * The closed model. Where the level jumps, the users who join are due one after another at
 * `dialsPerSecond`: the spread is part of the plan and not a lag of the generator.
 */
export function userPacer(stages: readonly Stage[], dialsPerSecond = DIALS_PER_SECOND): UserPacer {
  return userPacerOf(piecesOf(stages), dialsPerSecond);
}

/** @param pieces one after another without a hole, from 0 on */
export function userPacerOf(pieces: readonly Piece[], dialsPerSecond = DIALS_PER_SECOND): UserPacer {
  const base = pace(pieces);
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
 * The open model. Arrivals are the times at which the integral of the rate passes the sums of
 * {@link arrivalSums}: 0, 1, 2, … (constant), or sums of exponential draws of mean 1 (Poisson: the
 * time-rescaling theorem for a process whose rate varies, e.g. Çınlar, Introduction to Stochastic Processes,
 * 1975, ch. 4). So a rate that is changed while it runs changes when the next one comes, and not what is drawn.
 */
export function arrivalPacer(stages: readonly Stage[]): ArrivalPacer {
  return arrivalPacerOf(piecesOf(stages));
}

/** @param pieces one after another without a hole, from 0 on */
export function arrivalPacerOf(pieces: readonly Piece[]): ArrivalPacer {
  // Rates are a second, times are ms.
  const areas = pieces.map((p) => areaIn(p, p.toMs) / 1000);
  const before: number[] = [];
  let sum = 0;
  for (const area of areas) {
    before.push(sum);
    sum += area;
  }

  function when(area: number): number | undefined {
    for (let i = firstWith(before, areas, area); i < pieces.length; i++) {
      const piece = pieces[i]!;
      if (area >= before[i]! + areas[i]!) continue;
      const at = whenArea(piece, Math.max(0, area - before[i]!) * 1000);
      // By rounding it may fall on the edge, which belongs to the next piece.
      if (at < piece.toMs) return at;
    }
    return undefined;
  }
  return { ...pace(pieces), when };
}

/** @returns the first piece by whose end so much has come: they ascend, and there may be thousands */
function firstWith(before: readonly number[], areas: readonly number[], area: number): number {
  let low = 0;
  let high = before.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (area < before[middle]! + areas[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @returns a function that gives, one after another, how much must have come before each arrival */
export function arrivalSums(
  arrivals: Extract<Model, { kind: 'open' }>['arrivals'],
  random: Random,
): () => number {
  let sum = 0;
  let first = true;
  return () => {
    if (arrivals === 'poisson') sum += -Math.log(1 - random());
    else if (!first) sum += 1;
    first = false;
    return sum;
  };
}
