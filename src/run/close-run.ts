import { monotonicMs } from '../core/clock.ts';
import { deadEngine } from '../load/dead-engine.ts';
import type { Plan } from '../load/plan.ts';
import { unroutedTarget } from '../target/ready-target.ts';
import { ThresholdWatch } from '../thresholds/watch.ts';
import { continuationOf } from './continuation.ts';
import { CurrentRun } from './current-run.ts';
import type { ResumedRun } from './new-run.ts';
import type { RunResult, Setup } from './run-result.ts';
import type { RunnerLog } from './runner-options.ts';

/** Nothing happens to a run that is closed, so nothing of it is logged: not even its earlier resumes. */
const SILENT: RunnerLog = { info() {}, warn() {}, error() {} };

/** Returns the result of a run whose process ended without finishing it, up to its last record. */
export function closeRun(resumed: ResumedRun, setup: Setup): RunResult {
  const { config, layout, counted, timingLimits } = setup;
  const { active, watch, polls } = resumed;
  const plan: Plan = {
    runId: active.id,
    scenario: active.scenario,
    // No stream is sent to them: only their names, objectives and limits count.
    targets: config.targets.map(unroutedTarget),
    counted,
    timingLimits,
    allow: [],
  };
  const engine = deadEngine(continuationOf(resumed, layout));
  const over = { ...resumed, isOver: true };
  const snapshot = {
    atMs: monotonicMs(),
    layout,
    values: resumed.values,
    desired: layout.targets.map(() => 0),
  };
  const current = new CurrentRun(
    { plan, setup, engine, by: 'soakd', resumed: over, log: SILENT, changed() {}, noted() {} },
    snapshot,
  );
  current.active.stop('process_died', 0, 'soakd');
  const thresholds = new ThresholdWatch(config);
  thresholds.restore(watch, polls, 0);
  return current.finish(snapshot, thresholds.states(), active.at);
}
