import type { z } from 'zod';
import type { TargetThreshold } from '../../core/scenario.ts';
import { TIMING_NAMES } from '../../measures/list.ts';
import { TIMING_STATISTICS } from '../../thresholds/measures/measure.ts';
import { THRESHOLDS } from '../../thresholds/table.ts';
import { isLive, type Threshold } from '../../thresholds/threshold.ts';
import { isMapping, quote } from '../describe.ts';
import { adviseName, nearest } from '../nearest.ts';
import { Fault, Faults, type SchemaIssue, scalar } from './combinators.ts';
import { mapping, validKeys } from './mapping.ts';
import { exampleOf, readLimit } from './threshold-limit.ts';

type Setting = Omit<TargetThreshold, 'id'>;
type Shape = Record<string, z.ZodType<Setting | undefined>>;

/** Keys come from the catalog, so a new threshold can be set here at once. */
function shapeOf(of: readonly Threshold[]): Shape {
  return Object.fromEntries(of.map((t) => [t.id, scalar((value) => readSetting(value, t)).optional()]));
}

function settings(of: readonly Threshold[]) {
  return mapping(shapeOf(of), { shown: shownOf(of), unknown: (key) => aboutUnknown(key, of) }).transform(
    listOf,
  );
}

function listOf(limits: Readonly<Record<string, Setting | undefined>>): TargetThreshold[] {
  return Object.entries(limits).flatMap(([id, setting]) =>
    setting === undefined ? [] : [{ id, ...setting }],
  );
}

/** Returns the valid thresholds, regardless of invalid ones. */
export function validThresholds(written: unknown): TargetThreshold[] {
  return listOf(validKeys(SHAPE, written));
}

/** Lists the keys for a message; keys that differ only in their statistic appear as one. */
function shownOf(of: readonly Threshold[]): string[] {
  const isOptional = (t: Threshold) => t.limit === 'off' && t.unit === 'ms';
  const named = of.filter((t) => !isOptional(t)).map((t) => t.id);
  const timings = new Set(of.filter(isOptional).map((t) => t.metric));
  return [...named.sort(), `{${[...timings].join('|')}}-{${TIMING_STATISTICS.join('|')}}`];
}

type About = Pick<SchemaIssue, 'found' | 'expected' | 'advice'>;

/** Returns the issue of an unknown threshold. */
function aboutUnknown(key: string, of: readonly Threshold[]): About {
  const ids = of.map((t) => t.id);
  const elsewhere = THRESHOLDS.filter((t) => !t.perTarget && !ids.includes(t.id)).map((t) => t.id);
  if (elsewhere.includes(key)) {
    return {
      found: `${quote(key)} in the thresholds of a target`,
      expected: 'it at the top level only, since it is about soakd itself',
      advice: 'move it to the top-level thresholds:',
    };
  }
  const meant = nearest(key, [...ids, ...elsewhere]) ?? nameBegunWith(key, ids);
  return {
    found: `an unknown key ${quote(key)}`,
    expected: `one of ${shownOf(of).join(', ')}`,
    advice:
      meant === undefined
        ? adviceForLag(key)
        : `did you mean "${meant}"?${elsewhere.includes(meant) ? ' It stands in the top-level thresholds:' : ''}`,
  };
}

/** Returns the threshold for a measure without a statistic: p95 for a timing, else the first. */
function nameBegunWith(key: string, ids: readonly string[]): string | undefined {
  const usual = `${key}-p95`;
  if (TIMING_NAMES.some((name) => name === key)) return usual;
  return ids.find((id) => id.startsWith(`${key}-`));
}

/** Rejects the measurement lag, which is not a threshold. */
function adviceForLag(key: string): string {
  return /\blag\b|event-?loop/i.test(key)
    ? 'write maxMeasurementLag: at the top level, which bounds how late soakd itself may be'
    : 'remove it';
}

const SHAPE = shapeOf(THRESHOLDS);

/** Thresholds of all targets and of soakd itself. */
export const thresholds = settings(THRESHOLDS);

/** Thresholds of one target. */
export const targetThresholds = settings(THRESHOLDS.filter((t) => t.perTarget));

const KEYS: readonly string[] = ['abort', 'limit'];

/** A limit, optionally with the action when it is crossed. */
function readSetting(value: unknown, threshold: Threshold): Setting | Fault | Faults {
  if (!isMapping(value)) {
    const limit = readLimit(value, threshold);
    return limit instanceof Fault ? limit : { limit };
  }
  const wanted = 'a mapping with keys of abort, limit';
  const strays = Object.keys(value).filter((key) => !KEYS.includes(key));
  const faults = strays.map((key) =>
    new Fault(wanted, adviseName(key, KEYS, 'remove it'), `an unknown key ${quote(key)}`).at([key], 'key'),
  );
  const { abort, limit: written } = value;
  const limit = written === undefined ? undefined : readLimit(written, threshold);
  if (limit instanceof Fault) faults.push(limit.at(['limit']));
  if (abort !== undefined && !isLive(threshold)) {
    faults.push(
      new Fault(
        'abort only where a threshold is about streams of a target',
        `write ${threshold.id}: ${typeof limit === 'number' ? String(written) : exampleOf(threshold)}`,
        `abort of ${threshold.id}`,
        ['abort'],
      ),
    );
  } else if (abort !== undefined && typeof abort !== 'boolean')
    faults.push(new Fault('true or false', 'write true, or remove it', undefined, ['abort']));
  if (faults.length > 0) return new Faults(faults);
  if (abort === undefined && limit === undefined) return new Fault(wanted, 'write one of them');
  return {
    ...(limit === undefined ? {} : { limit: limit as number | 'off' }),
    ...(abort === undefined ? {} : { abort: abort as boolean }),
  };
}
