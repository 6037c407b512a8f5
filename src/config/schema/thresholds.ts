import type { z } from 'zod';
import type { TargetThreshold } from '../../core/target.ts';
import { TIMING_NAMES } from '../../measures/list.ts';
import { TIMING_STATISTICS } from '../../thresholds/measures/measure.ts';
import { THRESHOLDS } from '../../thresholds/table.ts';
import { isLive, type Threshold } from '../../thresholds/threshold.ts';
import { isMapping, quote } from '../describe.ts';
import { adviseName, nearest } from '../nearest.ts';
import { Fault, Faults, mapping, scalar } from './combinators.ts';
import { exampleOf, readLimit } from './threshold-limit.ts';

type Setting = Omit<TargetThreshold, 'id'>;
type Shape = Record<string, z.ZodType<Setting | undefined>>;

const JSON_SETTING = {
  type: ['number', 'string', 'object'],
  description: 'a limit or off, or { limit: …, abort: true }',
  properties: { abort: { type: 'boolean' }, limit: { type: ['number', 'string'] } },
  additionalProperties: false,
};

/** Keys come from the catalog, so a new threshold can be set here at once. */
function shapeOf(of: readonly Threshold[]): Shape {
  return Object.fromEntries(
    of.map((t) => [t.id, scalar((value) => readSetting(value, t), JSON_SETTING).optional()]),
  );
}

function settings(of: readonly Threshold[]) {
  return mapping(shapeOf(of), { shown: shownOf(of), unknown: (key) => aboutUnknown(key, of) });
}

/** Returns the valid thresholds. */
export function thresholdsOf(limits: Readonly<Record<string, Setting | undefined>> = {}): TargetThreshold[] {
  return Object.entries(limits).flatMap(([id, setting]) =>
    setting === undefined ? [] : [{ id, ...setting }],
  );
}

/** Lists the keys for a message; keys that differ only in their statistic appear as one. */
function shownOf(of: readonly Threshold[]): string[] {
  const isOptional = (t: Threshold) => t.limit === 'off' && t.unit === 'ms';
  const named = of.filter((t) => !isOptional(t)).map((t) => t.id);
  const timings = new Set(of.filter(isOptional).map((t) => t.metric));
  return [...named.sort(), `{${[...timings].join('|')}}-{${TIMING_STATISTICS.join('|')}}`];
}

function aboutUnknown(key: string, of: readonly Threshold[]): Fault {
  const ids = of.map((t) => t.id);
  const elsewhere = THRESHOLDS.filter((t) => !t.perTarget && !ids.includes(t.id)).map((t) => t.id);
  if (elsewhere.includes(key)) {
    const expected = 'it at the top level only, since it is about soakd itself';
    const found = `${quote(key)} in the thresholds of a target`;
    return new Fault(expected, 'move it to the top-level thresholds:', found);
  }
  const meant = nearest(key, [...ids, ...elsewhere]) ?? nameBegunWith(key, ids);
  const where = elsewhere.includes(meant ?? '') ? ' It stands in the top-level thresholds:' : '';
  const expected = `one of ${shownOf(of).join(', ')}`;
  const found = `an unknown key ${quote(key)}`;
  if (meant !== undefined) return new Fault(expected, `did you mean "${meant}"?${where}`, found);
  // The measurement lag is no threshold.
  if (!/\blag\b|event-?loop/i.test(key)) return new Fault(expected, 'remove it', found);
  const why = 'which bounds how late soakd itself may be';
  return new Fault(expected, `write maxMeasurementLag: at the top level, ${why}`, found, [], 'value', {
    advice: `give --max-measurement-lag, ${why}`,
  });
}

/** Returns the threshold for a measure without a statistic: p95 for a timing, else the first. */
function nameBegunWith(key: string, ids: readonly string[]): string | undefined {
  const usual = `${key}-p95`;
  if (TIMING_NAMES.some((name) => name === key)) return usual;
  return ids.find((id) => id.startsWith(`${key}-`));
}

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
  const faults = strays.map(
    (key) =>
      new Fault(wanted, adviseName(key, KEYS, 'remove it'), `an unknown key ${quote(key)}`, [key], 'key'),
  );
  const { abort, limit: written } = value;
  const limit = written === undefined ? undefined : readLimit(written, threshold);
  if (limit instanceof Fault) faults.push(limit.below(['limit']));
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
  return { limit: limit as number | 'off', abort: abort as boolean };
}
