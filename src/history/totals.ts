import { deserialize, serialize } from 'node:v8';
import type { StreamLayout, TimingLimits } from '../catalog/slots.ts';
import { convertValues } from '../core/convert.ts';
import { packValues, unpackValues } from '../core/packed-values.ts';
import { type LayoutRecord, recordLayout, restoreLayout } from './layout-record.ts';

/** Key of the totals in the state of the service. */
export const TOTALS_KEY = 'totals';

/** What a process has counted in all its finished runs. */
export interface Totals {
  readonly layout: StreamLayout;
  readonly timingLimits: TimingLimits;
  readonly values: Float64Array;
}

interface Packed {
  readonly targets: readonly string[];
  readonly record: LayoutRecord;
  readonly values: Uint8Array;
}

export function packTotals({ layout, timingLimits, values }: Totals): Uint8Array {
  const packed: Packed = {
    targets: layout.targets,
    record: recordLayout(layout, timingLimits),
    values: packValues(values, 0, layout.size),
  };
  return serialize(packed);
}

/** Totals of an earlier process. */
export interface RestoredTotals {
  /** Names of the counted targets. */
  readonly targets: readonly string[];
  /** Returns the values in a layout. */
  in(layout: StreamLayout): Float64Array;
}

/** @returns `undefined` if the bytes are damaged, or of another version of soakd */
export function restoreTotals(bytes: Uint8Array | undefined): RestoredTotals | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { targets, record, values } = deserialize(bytes) as Packed;
    const { kept } = restoreLayout(targets, record);
    const restored = new Float64Array(kept.size);
    unpackValues(values, restored, 0, kept.size);
    return { targets, in: (layout) => convertValues(kept, layout, restored) };
  } catch {
    return undefined;
  }
}
