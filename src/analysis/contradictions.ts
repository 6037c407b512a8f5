import type { LevelPoint } from './level-point.ts';

/** A statement of a written report, in a form that can be checked against its table. */
export type Claim =
  /** "Total requests: 22,350": the levels add up to it. */
  | { readonly kind: 'total'; readonly text: string; readonly streams: number }
  /** "Up to 2000 users: < 2 s TTFB". `upTo` is a load, `below` a limit in ms, of a timing's mean. */
  | {
      readonly kind: 'below';
      readonly text: string;
      readonly timing: keyof LevelPoint['timings'];
      readonly upTo: number;
      readonly below: number;
    }
  /** A recommended load, and the limit of the report's own alert that it must hold. */
  | {
      readonly kind: 'capacity';
      readonly text: string;
      readonly load: number;
      readonly timing: keyof LevelPoint['timings'];
      readonly alertAbove: number;
    }
  /** Several statements that should be the same number: "scale out at 1500, 1800, 2000 and 2500". */
  | { readonly kind: 'same'; readonly text: string; readonly loads: readonly number[] }
  /** A value that the report names and does not have. */
  | { readonly kind: 'missing'; readonly text: string };

/** A timing of the table. Mean, ms. */
export interface TableValue {
  readonly load: number;
  readonly ms: number;
}

/** What a table says of a claim. `unchecked`: the table lacks what the check needs. */
type CheckResult =
  | { readonly result: 'holds' | 'unchecked' | 'missing' }
  | { readonly result: 'contradicted'; readonly kind: 'total'; readonly levels: number; readonly sum: number }
  | {
      readonly result: 'contradicted';
      readonly kind: 'below';
      /** Largest load up to which all values are below the limit; `null`: none. */
      readonly holdsTo: number | null;
      /** Values that are not, up to the load of the claim. */
      readonly above: readonly TableValue[];
    }
  | {
      readonly result: 'contradicted';
      readonly kind: 'capacity';
      readonly atLoad: TableValue;
      /** Largest load whose alert is silent, and at every smaller one; `null`: none. */
      readonly holdsTo: number | null;
      /** First load at which the alert fires, and where the line between the two meets it. */
      readonly firesAt: number;
      readonly crossing: number | null;
    }
  | { readonly result: 'contradicted'; readonly kind: 'same'; readonly loads: readonly number[] };

export interface CheckedAgainstTable {
  readonly claim: Claim;
  readonly check: CheckResult;
}

/** Checks claims against the levels of their table. Every number of a result is computed from the levels. */
export function checkClaims(claims: readonly Claim[], levels: readonly LevelPoint[]): CheckedAgainstTable[] {
  return claims.map((claim) => ({ claim, check: checkOf(claim, levels) }));
}

function checkOf(claim: Claim, levels: readonly LevelPoint[]): CheckResult {
  switch (claim.kind) {
    case 'total':
      return totalOf(claim.streams, levels);
    case 'below':
      return belowOf(claim, valuesOf(levels, claim.timing));
    case 'capacity':
      return capacityOf(claim, valuesOf(levels, claim.timing));
    case 'same': {
      const loads = [...new Set(claim.loads)];
      return loads.length > 1 ? { result: 'contradicted', kind: 'same', loads } : { result: 'holds' };
    }
    case 'missing':
      return { result: 'missing' };
  }
}

/** A table without counts of streams has one stream for each user of a level: all of them start at once. */
function totalOf(streams: number, levels: readonly LevelPoint[]): CheckResult {
  const sum = levels.reduce((total, level) => total + (level.streams ?? level.load), 0);
  if (sum === streams) return { result: 'holds' };
  return { result: 'contradicted', kind: 'total', levels: levels.length, sum };
}

function belowOf(
  { upTo, below }: Extract<Claim, { kind: 'below' }>,
  values: readonly TableValue[],
): CheckResult {
  const claimed = values.filter(({ load }) => load <= upTo);
  if (claimed.length === 0) return { result: 'unchecked' };
  const above = claimed.filter(({ ms }) => ms >= below);
  if (above.length === 0) return { result: 'holds' };
  const holdsTo = lastBefore(values, ({ ms }) => ms >= below);
  return { result: 'contradicted', kind: 'below', holdsTo: holdsTo?.load ?? null, above };
}

function capacityOf(
  { load, alertAbove }: Extract<Claim, { kind: 'capacity' }>,
  values: readonly TableValue[],
): CheckResult {
  const atLoad = values.findLast((v) => v.load <= load);
  if (atLoad === undefined) return { result: 'unchecked' };
  const fires = values.find(({ ms }) => ms > alertAbove);
  if (fires === undefined || fires.load > load) return { result: 'holds' };
  const before = lastBefore(values, ({ ms }) => ms > alertAbove);
  const crossing =
    before === undefined
      ? null
      : before.load + ((fires.load - before.load) * (alertAbove - before.ms)) / (fires.ms - before.ms);
  return {
    result: 'contradicted',
    kind: 'capacity',
    atLoad,
    holdsTo: before?.load ?? null,
    firesAt: fires.load,
    crossing,
  };
}

function lastBefore(
  values: readonly TableValue[],
  isOver: (value: TableValue) => boolean,
): TableValue | undefined {
  const end = values.findIndex(isOver);
  return values[(end === -1 ? values.length : end) - 1];
}

function valuesOf(levels: readonly LevelPoint[], timing: keyof LevelPoint['timings']): TableValue[] {
  return levels
    .flatMap(({ load, timings }) => {
      const ms = timings[timing]?.mean ?? null;
      return ms === null ? [] : [{ load, ms }];
    })
    .toSorted((a, b) => a.load - b.load);
}
