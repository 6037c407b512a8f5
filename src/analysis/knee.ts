import { randomNormal } from 'd3-random';
import { linearRegression } from 'simple-statistics';
import { studentT } from '../compare/student.ts';
import { seededRandom } from '../core/random.ts';

/** A value observed at a load. */
export interface CurvePoint {
  readonly load: number;
  readonly value: number;
}

/** Result of the search for a bend. Slopes are in the unit of the value for each unit of load. */
export type Bend =
  | { readonly kind: 'too-few'; readonly levels: number; readonly required: number }
  /** A single line fits as well, or the bend is smaller than `tolerance`. */
  | {
      readonly kind: 'none';
      readonly because: 'fit' | 'tolerance';
      readonly levels: number;
      readonly p: number;
      readonly slope: number;
      readonly intercept: number;
    }
  | BendFound;

interface BendFound {
  readonly kind: 'bend';
  readonly levels: number;
  /** Load of the bend, and its 95 % interval, within the second load and the last but one. */
  readonly at: number;
  readonly interval: readonly [low: number, high: number];
  readonly p: number;
  readonly slopeBefore: number;
  readonly slopeAfter: number;
  /** Value on both lines at the bend. */
  readonly valueAt: number;
}

export interface BendOptions {
  /** Largest distance between the two fits, in the unit of the value, that is no bend: the measurement error. */
  readonly tolerance?: number;
  /** Seed of the draws of the test. */
  readonly seed?: number;
}

/** Two lines that meet have four parameters: one load more leaves a residual to test with. */
const MIN_LEVELS = 5;
const MAX_P = 0.01;
const SIMULATIONS = 999;
const CANDIDATES = 240;
/** Residual share of the total sum of squares below which a line is exact, and the rest is rounding. */
const EXACT = 1e-18;

/**
 * Looks for the load at which a curve bends: the best pair of lines that meet (least squares, all breaks of a grid and
 * between its best neighbours), as in V. M. R. Muggeo, Statistics in Medicine 22, 2003, 3055–3071. It is a bend where
 * the largest F over all breaks is one that straight lines with normal errors seldom have: a Monte Carlo test (J.-M.
 * Dufour, Journal of Econometrics 133, 2006, 443–477), since F itself is wrong where the break is searched for. The interval
 * has the breaks that an F test does not reject (G. A. F. Seber, C. J. Wild, Nonlinear Regression, 1989, 9.3).
 */
export function bendOf(points: readonly CurvePoint[], options: BendOptions = {}): Bend {
  const { tolerance = 0, seed = 1 } = options;
  const sorted = points.toSorted((a, b) => a.load - b.load);
  const loads = sorted.map((p) => p.load);
  const distinct = [...new Set(loads)];
  if (distinct.length < MIN_LEVELS) return { kind: 'too-few', levels: distinct.length, required: MIN_LEVELS };
  const values = sorted.map((p) => p.value);
  const line = linearRegression(loads.map((x, i) => [x, values[i]!]));
  const residuals = residualsOf(loads, values);
  const df = points.length - 4;
  const total = squares(values.map((v) => v - mean(values)));
  const flat = { levels: distinct.length, slope: line.m, intercept: line.b };
  if (squares(residuals) <= EXACT * total) return { kind: 'none', because: 'fit', p: 1, ...flat };

  const { hinges, simulated } = designOf(loads, distinct, df, seed);
  const p = chanceOf(bestF(residuals, hinges, df), simulated);
  if (p > MAX_P) return { kind: 'none', because: 'fit', p, ...flat };
  const at = refined(loads, residuals, hinges);
  const hinge = hingeOf(loads, at);
  const change = dot(residuals, hinge.unit) / hinge.length;
  const largest = Math.max(...hinge.unit.map((h) => Math.abs(h * hinge.length * change)));
  if (largest <= tolerance) return { kind: 'none', because: 'tolerance', p, ...flat };
  const unbent = linearRegression(loads.map((x, i) => [x, values[i]! - change * Math.max(0, x - at)]));
  return {
    kind: 'bend',
    levels: distinct.length,
    at,
    interval: intervalOf(at, loads, residuals, hinges, df),
    p,
    slopeBefore: unbent.m,
    slopeAfter: unbent.m + change,
    valueAt: unbent.b + unbent.m * at,
  };
}

/** `max(0, x − at)` without what a line explains of it, as a unit vector and its length. */
interface Hinge {
  readonly at: number;
  readonly unit: readonly number[];
  readonly length: number;
}

/**
 * By the theorem of Frisch and Waugh (Econometrica 1, 1933, 387–401) the fit with a break is the fit of the residuals of
 * a line to the residuals of the hinge: one product for each break in place of a system of equations.
 */
function hingeOf(loads: readonly number[], at: number): Hinge {
  const left = residualsOf(
    loads,
    loads.map((x) => Math.max(0, x - at)),
  );
  const length = Math.sqrt(squares(left));
  return { at, unit: left.map((v) => v / length), length };
}

/** From the second load to the last but one: outside, one side has a single load and any slope fits. */
function hingesOf(loads: readonly number[], distinct: readonly number[]): Hinge[] {
  const inner = distinct.slice(1, -1);
  const steps = Math.ceil(CANDIDATES / (inner.length - 1));
  return inner.flatMap((from, i) => {
    const to = inner[i + 1];
    if (to === undefined) return [hingeOf(loads, from)];
    return Array.from({ length: steps }, (_, s) => hingeOf(loads, from + ((to - from) * s) / steps));
  });
}

function residualsOf(loads: readonly number[], values: readonly number[]): number[] {
  const { m, b } = linearRegression(loads.map((x, i) => [x, values[i]!]));
  return values.map((v, i) => v - (m * loads[i]! + b));
}

function bestF(residuals: readonly number[], hinges: readonly Hinge[], df: number): number {
  const rest = squares(residuals);
  const best = Math.max(...hinges.map(({ unit }) => dot(residuals, unit) ** 2));
  return (best * df) / Math.max(rest - best, Number.MIN_VALUE);
}

/** What depends on the loads alone. Targets of one run share theirs. */
interface Design {
  readonly hinges: readonly Hinge[];
  /** The best F of straight lines with normal errors. */
  readonly simulated: readonly number[];
}

const designs = new Map<string, Design>();
const MAX_DESIGNS = 20;

function designOf(loads: readonly number[], distinct: readonly number[], df: number, seed: number): Design {
  const key = `${seed}:${loads.join()}`;
  const known = designs.get(key);
  if (known !== undefined) return known;
  const hinges = hingesOf(loads, distinct);
  const normal = randomNormal.source(seededRandom(seed))();
  const simulated = Array.from({ length: SIMULATIONS }, () => {
    const errors = loads.map(() => normal());
    return bestF(residualsOf(loads, errors), hinges, df);
  });
  if (designs.size >= MAX_DESIGNS) designs.clear();
  const design = { hinges, simulated };
  designs.set(key, design);
  return design;
}

/** Share of straight lines with normal errors, the observed one among them, whose best F is at least this one. */
function chanceOf(observed: number, simulated: readonly number[]): number {
  return (1 + simulated.filter((f) => f >= observed).length) / (SIMULATIONS + 1);
}

/** Searches between the neighbours of the best break of the grid, by thirds. */
function refined(loads: readonly number[], residuals: readonly number[], hinges: readonly Hinge[]): number {
  const explained = (at: number): number => dot(residuals, hingeOf(loads, at).unit) ** 2;
  const fits = hinges.map(({ unit }) => dot(residuals, unit) ** 2);
  const best = fits.indexOf(Math.max(...fits));
  let low = hinges[Math.max(0, best - 1)]!.at;
  let high = hinges[Math.min(hinges.length - 1, best + 1)]!.at;
  for (let i = 0; i < 40; i++) {
    const third = (high - low) / 3;
    if (explained(low + third) < explained(high - third)) low += third;
    else high -= third;
  }
  return (low + high) / 2;
}

function intervalOf(
  at: number,
  loads: readonly number[],
  residuals: readonly number[],
  hinges: readonly Hinge[],
  df: number,
): [number, number] {
  const rest = squares(residuals);
  const left = (place: number): number => rest - dot(residuals, hingeOf(loads, place).unit) ** 2;
  const bound = left(at) * (1 + studentT(0.05, df) ** 2 / df);
  const grid = hinges.map((h) => h.at);
  const accepted = grid.filter((_, i) => rest - dot(residuals, hinges[i]!.unit) ** 2 <= bound);
  const [low, high] = [Math.min(at, ...accepted), Math.max(at, ...accepted)];
  const below = grid.findLast((place) => place < low) ?? low;
  const above = grid.find((place) => place > high) ?? high;
  return [edge(low, below, (p) => left(p) <= bound), edge(high, above, (p) => left(p) <= bound)];
}

/** Returns the last accepted place on the way from an accepted one to a rejected one, by halves. */
function edge(inside: number, outside: number, isAccepted: (place: number) => boolean): number {
  let [accepted, rejected] = [inside, outside];
  for (let i = 0; i < 30; i++) {
    const middle = (accepted + rejected) / 2;
    if (isAccepted(middle)) accepted = middle;
    else rejected = middle;
  }
  return accepted;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function squares(values: readonly number[]): number {
  return dot(values, values);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
