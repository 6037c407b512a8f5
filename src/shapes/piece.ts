/** A part of a stage on which the level is linear or a sine: what every shape is made of. Times in ms from the start of the stage. */
export type Part = { readonly fromMs: number; readonly toMs: number } & (
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

/** The same within a plan: times in ms from the start of the plan. */
export type Piece = Part & { readonly stage: number };

const TAU = 2 * Math.PI;
/** Levels that differ by less are the same: a sine, or a ramp at its end, is that far off. */
export const ROUNDING = 1e-9;

/** @param to level at its end; absent: that at its start */
export function linear(fromMs: number, toMs: number, from: number, to = from): Part {
  return { kind: 'linear', fromMs, toMs, from, to };
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
