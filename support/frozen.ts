import assert from 'node:assert/strict';
import type { ServedSummary } from './service.ts';

/** What tests read of the summary of a run in which soakd was frozen. */
export interface FrozenSummary extends ServedSummary {
  readonly run: { readonly events: readonly { readonly action: string; readonly detail: string }[] };
  readonly measurementQuality: { readonly unreliable: number; readonly causes: { readonly freeze: number } };
}

/** Checks that a run that was frozen for about 8 s blames no target: no failure, no outage, one long freeze. */
export function blamesNoTarget(summary: FrozenSummary): void {
  const finished = Object.entries(summary.streams.finished).filter(([, n]) => n > 0);
  assert.deepEqual(
    finished.map(([outcome]) => outcome),
    ['complete'],
    JSON.stringify(finished),
  );
  assert.notEqual(summary.verdict, 'fail');
  // A busy machine may add short ones.
  const said = summary.run.events.filter(
    ({ action, detail }) =>
      action === 'freeze' && /^soakd was frozen for ([789]|1\d)(\.\d)?s \(the main thread and/.test(detail),
  );
  assert.equal(said.length, 1, JSON.stringify(summary.run.events));
  assert.equal(summary.run.events.filter(({ action }) => action === 'outage').length, 0);
}
