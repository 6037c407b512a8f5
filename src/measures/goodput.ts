import { counter } from '../core/metric-info.ts';
import type { EndedStream } from './ended-stream.ts';
import type { ShareRecord } from './record.ts';
import { tpotMs } from './tpot.ts';

/** Goodput: what a user would call a good answer. */
export const goodput: ShareRecord = {
  title: 'Goodput',
  panel:
    'Of the streams that succeeded or failed those that met every limit of the objective of the target. Empty where it has none.',
  alert: 'SoakGoodputLow',
  noun: 'goodput',
  counted: 'finished streams',
  part: counter(
    'soak_streams_within_objective_total',
    'Finished streams that succeeded within every limit of the objective of their target; targets without an objective have no such series.',
    'target',
  ),
  has: isWithin,
  needsObjective: true,
  op: '<',
};

/**
 * Whether a stream that succeeded is within the objective of its target. A limit whose timing the stream has no place for
 * is met; a success without content has no TTFT, and is not within a limit of it.
 */
function isWithin(stream: EndedStream): boolean {
  const { objective, firstContentMs, maxGapMs, durationMs } = stream;
  if (objective === undefined) return false;
  const { ttftMs, maxGapMs: gapMs, tpotMs: paceMs, durationMs: wholeMs } = objective;
  if (ttftMs !== undefined && !(firstContentMs !== undefined && firstContentMs <= ttftMs)) return false;
  if (gapMs !== undefined && maxGapMs > gapMs) return false;
  if (paceMs !== undefined && (tpotMs(stream) ?? 0) > paceMs) return false;
  return wholeMs === undefined || durationMs <= wholeMs;
}
