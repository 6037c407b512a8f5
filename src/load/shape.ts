import type { Stage } from '../core/scenario.ts';

/** A stretch of a plan on which the level is linear or a sine: what every shape is made of. Times in ms from the start. */
export type Piece = { readonly fromMs: number; readonly toMs: number; readonly stage: number } & (
  | { readonly kind: 'linear'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'sine';
      readonly middle: number;
      readonly amplitude: number;
      readonly periodMs: number;
      /** How far into its first period it begins, ms. */
      readonly intoMs: number;
    }
);

const TAU = 2 * Math.PI;
/** Levels that differ by less are the same: a sine, or a ramp at its end, is that far off. */
export const ROUNDING = 1e-9;

/** @returns the pieces of all stages, one after another without a hole */
export function piecesOf(stages: readonly Stage[]): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (const [index, stage] of stages.entries()) {
    const end = start + stage.durationMs;
    const linear = (fromMs: number, toMs: number, from: number, to = from): void => {
      if (toMs > fromMs) pieces.push({ kind: 'linear', fromMs, toMs, stage: index, from, to });
    };
    switch (stage.shape) {
      case 'hold':
        linear(start, end, stage.level);
        break;
      case 'ramp':
        linear(start, end, stage.from, stage.to);
        break;
      case 'steps': {
        const n = stage.levels.length;
        const at = (i: number): number => (i === n ? end : start + (stage.durationMs * i) / n);
        stage.levels.forEach((level, i) => {
          linear(at(i), at(i + 1), level);
        });
        break;
      }
      case 'spike': {
        const up = start + stage.atMs;
        const down = Math.min(up + stage.widthMs, end);
        linear(start, up, stage.base);
        linear(up, down, stage.peak);
        linear(down, end, stage.base);
        break;
      }
      case 'sine':
        pieces.push({
          kind: 'sine',
          fromMs: start,
          toMs: end,
          stage: index,
          intoMs: 0,
          middle: (stage.min + stage.max) / 2,
          amplitude: (stage.max - stage.min) / 2,
          periodMs: stage.periodMs,
        });
        break;
    }
    start = end;
  }
  return pieces;
}

/** Level of a piece at a time inside it. */
export function levelIn(piece: Piece, atMs: number): number {
  const t = atMs - piece.fromMs;
  return piece.kind === 'linear'
    ? piece.from + ((piece.to - piece.from) * t) / (piece.toMs - piece.fromMs)
    : piece.middle + piece.amplitude * Math.sin((TAU * (t + piece.intoMs)) / piece.periodMs);
}

/** Integral of the level from the start of the piece to a time inside it, in level × ms. */
export function areaIn(piece: Piece, atMs: number): number {
  const t = atMs - piece.fromMs;
  if (piece.kind === 'linear') {
    return piece.from * t + ((piece.to - piece.from) * t * t) / (2 * (piece.toMs - piece.fromMs));
  }
  const w = TAU / piece.periodMs;
  const oscillation = Math.cos(w * piece.intoMs) - Math.cos(w * (t + piece.intoMs));
  return piece.middle * t + (piece.amplitude * oscillation) / w;
}

/** @returns the first time ≥ `sinceMs` inside the piece at which its level is ≥ `level`, or `undefined` */
export function reaches(piece: Piece, level: number, sinceMs: number): number | undefined {
  if (levelIn(piece, sinceMs) >= level - ROUNDING) return sinceMs;
  let at: number;
  if (piece.kind === 'linear') {
    if (piece.to <= piece.from) return undefined;
    at = piece.fromMs + ((level - piece.from) / (piece.to - piece.from)) * (piece.toMs - piece.fromMs);
  } else {
    const x = (level - piece.middle) / piece.amplitude;
    if (!(x <= 1)) return undefined;
    // The rising crossing of each period, and of these the first that is not over.
    const first = (Math.asin(x) / TAU) * piece.periodMs + piece.fromMs - piece.intoMs;
    at = first + Math.ceil(Math.max(0, sinceMs - first) / piece.periodMs) * piece.periodMs;
    while (at < piece.fromMs) at += piece.periodMs;
  }
  return at < piece.toMs ? at : undefined;
}

/** @returns the two parts of a piece, before and from a time inside it on; together they are the piece */
export function split(piece: Piece, atMs: number): [Piece, Piece] {
  if (piece.kind === 'sine') {
    return [
      { ...piece, toMs: atMs },
      { ...piece, fromMs: atMs, intoMs: piece.intoMs + (atMs - piece.fromMs) },
    ];
  }
  const level = levelIn(piece, atMs);
  return [
    { ...piece, toMs: atMs, to: level },
    { ...piece, fromMs: atMs, from: level },
  ];
}

/** @returns the time inside the piece at which `areaIn` is `area` (0 ≤ area ≤ the area of the whole piece) */
export function whenArea(piece: Piece, area: number): number {
  if (piece.kind === 'linear') {
    const slope = (piece.to - piece.from) / (piece.toMs - piece.fromMs);
    // The root of from·t + slope·t²/2 = area in the form that stays exact as the slope goes to 0.
    const root = Math.sqrt(Math.max(0, piece.from * piece.from + 2 * slope * area));
    const sum = piece.from + root;
    return sum === 0 ? piece.fromMs : piece.fromMs + (2 * area) / sum;
  }
  let low = piece.fromMs;
  let high = piece.toMs;
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (areaIn(piece, middle) < area) low = middle;
    else high = middle;
  }
  return high;
}
