import assert from 'node:assert/strict';
import type { Summary } from '../src/schema/summary.ts';

/** Of the summary, what tells a healthy run. */
type Told = Pick<Summary, 'verdict' | 'inconclusiveBecause' | 'thresholds'>;

/**
 * Asserts that every limit of a run holds. On a busy machine a short run may bring less than its load: that makes it
 * inconclusive, and says nothing of what is tested here.
 * @param exitCode of `soakd run`, where it was one
 */
export function assertHealthy(summary: Told, exitCode?: number | null): void {
  const { verdict, inconclusiveBecause, thresholds } = summary;
  const said = JSON.stringify({ verdict, inconclusiveBecause, thresholds });
  assert.ok(
    thresholds.every((t) => t.result === 'pass'),
    said,
  );
  if (verdict !== 'pass')
    assert.deepEqual([verdict, inconclusiveBecause], ['inconclusive', ['load-delivered']], said);
  if (exitCode !== undefined) assert.equal(exitCode, verdict === 'pass' ? 0 : 5, said);
}
