import type { Stage } from '../shapes/list.ts';
import { piecesOf } from '../shapes/list.ts';
import { areaIn, levelIn, type Piece, split } from '../shapes/piece.ts';

/** A time that is never reached, 30,000 years; finite, so that areas and slopes stay numbers. */
const NEVER_MS = 1e15;

/**
 * The plan of a run, including all changes so far. No change alters the past, so every function of the plan
 * (which users are wanted when, which arrival is due when) stays valid from the start on.
 */
export interface LivePlan {
  /** Consecutive, without gaps. While the plan is paused, the pieces from `pausedAtMs` on wait. */
  readonly pieces: readonly Piece[];
  readonly pausedAtMs?: number;
  /** Total length of the pauses that are over, ms. */
  readonly pausesMs: number;
}

export function livePlanOf(stages: readonly Stage[]): LivePlan {
  return { pieces: piecesOf(stages), pausesMs: 0 };
}

/** @returns the pieces to follow now: a pause is an endless piece at level 0 */
export function piecesToFollow({ pieces, pausedAtMs }: LivePlan): readonly Piece[] {
  if (pausedAtMs === undefined) return pieces;
  const [past, rest] = cut(pieces, pausedAtMs);
  return [...past, still(pausedAtMs, NEVER_MS, stageOf(rest, past))];
}

/** @returns when it ends, ms from the start; of a pause as if it were over now */
export function endMs({ pieces, pausedAtMs }: LivePlan, nowMs: number): number {
  const end = pieces.at(-1)?.toMs ?? 0;
  return pausedAtMs === undefined ? end : end + Math.max(0, nowMs - pausedAtMs);
}

/**
 * Holds a level for the rest of the current stage.
 * @param rampMs time in which the load changes to the level; a ramp longer than the rest of the stage is left out
 */
export function setLevel(livePlan: LivePlan, nowMs: number, level: number, rampMs = 0): LivePlan {
  const at = livePlan.pausedAtMs ?? nowMs;
  const [past, rest] = cut(livePlan.pieces, at);
  const stage = stageOf(rest, past);
  const end = stageEnd(rest, stage, at);
  const later = rest.filter((p) => p.stage !== stage);
  const from = at + rampMs < end ? at + rampMs : at;
  const before = rest[0] === undefined ? level : levelIn(rest[0], at);
  const ramp: Piece[] =
    from > at ? [{ kind: 'linear', fromMs: at, toMs: from, stage, from: before, to: level }] : [];
  const held: Piece[] =
    end > from ? [{ kind: 'linear', fromMs: from, toMs: end, stage, from: level, to: level }] : [];
  return { ...livePlan, pieces: [...past, ...ramp, ...held, ...later] };
}

/** Pauses the plan's time. Must not be called while paused. */
export function pause(livePlan: LivePlan, nowMs: number): LivePlan {
  return { ...livePlan, pausedAtMs: nowMs };
}

/** Resumes the plan. @throws TypeError unless it is paused */
export function resume({ pieces, pausedAtMs, pausesMs }: LivePlan, nowMs: number): LivePlan {
  if (pausedAtMs === undefined) throw new TypeError('not paused');
  const [past, rest] = cut(pieces, pausedAtMs);
  const byMs = nowMs - pausedAtMs;
  const stood = byMs > 0 ? [still(pausedAtMs, nowMs, stageOf(rest, past))] : [];
  return { pieces: [...past, ...stood, ...rest.map((p) => moved(p, byMs))], pausesMs: pausesMs + byMs };
}

/** Skips the rest of the current stage. */
export function skip(livePlan: LivePlan, nowMs: number): LivePlan {
  const at = livePlan.pausedAtMs ?? nowMs;
  const [past, rest] = cut(livePlan.pieces, at);
  const stage = stageOf(rest, past);
  const end = stageEnd(rest, stage, at);
  const later = rest.filter((p) => p.stage !== stage).map((p) => moved(p, at - end));
  return { ...livePlan, pieces: [...past, ...later] };
}

/** Extends the current stage, at the level with which it ends. */
export function extend(livePlan: LivePlan, nowMs: number, byMs: number): LivePlan {
  const at = livePlan.pausedAtMs ?? nowMs;
  const [past, rest] = cut(livePlan.pieces, at);
  const stage = stageOf(rest, past);
  const own = rest.filter((p) => p.stage === stage);
  const end = stageEnd(rest, stage, at);
  const last = own.at(-1) ?? past.at(-1);
  const level = last === undefined ? 0 : levelIn(last, last.toMs);
  const longer: Piece = { kind: 'linear', fromMs: end, toMs: end + byMs, stage, from: level, to: level };
  const later = rest.filter((p) => p.stage !== stage).map((p) => moved(p, byMs));
  return { ...livePlan, pieces: [...past, ...own, longer, ...later] };
}

/** Maximum pieces of the past: changes all day long must not slow a run down. */
const MAX_PAST = 200;
const KEPT_PAST = 20;

/** @returns the past, its older part as one piece that brought as many streams */
function compacted(past: readonly Piece[]): Piece[] {
  if (past.length <= MAX_PAST) return [...past];
  const old = past.slice(0, -KEPT_PAST);
  const fromMs = old[0]!.fromMs;
  const toMs = old.at(-1)!.toMs;
  const mean = old.reduce((sum, p) => sum + areaIn(p, p.toMs), 0) / (toMs - fromMs);
  const one: Piece = { kind: 'linear', fromMs, toMs, stage: old.at(-1)!.stage, from: mean, to: mean };
  return [one, ...past.slice(-KEPT_PAST)];
}

/** @returns the pieces before a time, and those from it on */
function cut(pieces: readonly Piece[], atMs: number): [past: Piece[], rest: Piece[]] {
  const past: Piece[] = [];
  const rest: Piece[] = [];
  for (const piece of pieces) {
    if (piece.toMs <= atMs) past.push(piece);
    else if (piece.fromMs >= atMs) rest.push(piece);
    else {
      const [before, after] = split(piece, atMs);
      past.push(before);
      rest.push(after);
    }
  }
  return [compacted(past), rest];
}

/** Returns the current stage: that of the next piece; at the end of the plan, the last one. */
function stageOf(rest: readonly Piece[], past: readonly Piece[]): number {
  return (rest[0] ?? past.at(-1))?.stage ?? 0;
}

function stageEnd(rest: readonly Piece[], stage: number, atMs: number): number {
  return rest.findLast((p) => p.stage === stage)?.toMs ?? atMs;
}

function still(fromMs: number, toMs: number, stage: number): Piece {
  return { kind: 'linear', fromMs, toMs, stage, from: 0, to: 0 };
}

function moved<P extends Piece>(piece: P, byMs: number): P {
  return { ...piece, fromMs: piece.fromMs + byMs, toMs: piece.toMs + byMs };
}
