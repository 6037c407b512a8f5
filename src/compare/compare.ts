import { REQUIRED_DELIVERED } from '../run/delivered.ts';
import type { Summary } from '../schema/summary.ts';
import { type Compared, nothing } from './compared.ts';
import type { ComparedValue, Comparison, Refusal, RunFacts } from './comparison.ts';
import { configurationDifferences } from './configuration.ts';
import { changeOf } from './difference.ts';
import { holmCorrected } from './holm.ts';
import { DEFAULT_OPTIONS, type Options } from './options.ts';
import { commonTargets, differentModel, noCommonLevel, noCommonTarget } from './refusals.ts';
import type { ComparedRun } from './run.ts';
import { summaryValues } from './summaries.ts';
import type { Uncorrected } from './values.ts';
import { windowValues } from './window-values.ts';

/**
 * Compares run `b` with run `a`, the one from before. With the windows of both by block bootstrap; else by the counts of
 * their summaries, in which timings have no interval.
 */
export function compareRuns(a: ComparedRun, b: ComparedRun, given: Partial<Options> = {}): Comparison {
  const options = { ...DEFAULT_OPTIONS, ...given };
  const kind = a.recording === null || b.recording === null ? 'counts' : 'windows';
  const { refused, compared, notCompared, notes, windows, complete } = compareBy(kind, a, b, options);
  const values = corrected(compared, options);
  const of = (result: ComparedValue['result']): number => values.filter((v) => v.result === result).length;
  const counts = {
    regressions: of('regression'),
    improvements: of('improvement'),
    unchanged: of('unchanged'),
  };
  const { confidence, familyError, resamples, seed } = options;
  return {
    schema: 1,
    verdict: verdictOf(refused, counts.regressions, complete),
    refused,
    a: factsOf(a, windows[0]),
    b: factsOf(b, windows[1]),
    counts,
    values,
    notCompared,
    configuration: configurationDifferences(a.summary, b.summary),
    notes: [...notes, ...loadNotes(a), ...loadNotes(b)],
    method: {
      kind,
      confidence,
      familyError,
      compared: values.length,
      resamples: kind === 'windows' ? resamples : 0,
      seed,
    },
  };
}

function compareBy(
  kind: Comparison['method']['kind'],
  a: ComparedRun,
  b: ComparedRun,
  options: Options,
): Compared {
  const targets = commonTargets(a.summary, b.summary);
  const refused =
    noCommonTarget(a, b) ??
    differentModel(a.summary, b.summary) ??
    noCommonLevel(a.summary, b.summary, targets);
  if (refused !== undefined) return nothing(refused);
  return kind === 'windows'
    ? windowValues(a, b, targets, options)
    : summaryValues(a.summary, b.summary, targets, options);
}

/** Weight of a success rate in the correction: failures come together, so a short run needs most of the level for them. */
const SUCCESS_WEIGHT = 8;

const ORDER = { regression: 0, improvement: 1, unchanged: 2 } as const;

function corrected(compared: readonly Uncorrected[], { familyError }: Options): ComparedValue[] {
  const ps = holmCorrected(
    compared.map(({ p, measure }) => ({ p, weight: measure === 'success' ? SUCCESS_WEIGHT : 1 })),
  );
  const size = ({ difference, floor }: ComparedValue): number => Math.abs(difference) / floor;
  return compared
    .map((value, i) => {
      const p = ps[i]!;
      return { ...value, p, result: changeOf({ ...value, p }, value.floor, value.worse, familyError) };
    })
    .sort((x, y) => ORDER[x.result] - ORDER[y.result] || (x.result === 'unchanged' ? 0 : size(y) - size(x)));
}

function verdictOf(refused: Refusal | null, regressions: number, complete: boolean): Comparison['verdict'] {
  if (refused !== null) return 'refused';
  if (regressions > 0) return 'regression';
  return complete ? 'no-regression' : 'inconclusive';
}

function factsOf({ id, summary }: ComparedRun, windows: number): RunFacts {
  const { run, verdict, endReason } = summary;
  return {
    id,
    run: run.id,
    scenario: run.scenario,
    startedAt: run.startedAt,
    lastedMs: run.lastedMs,
    verdict,
    endReason,
    windows,
  };
}

function loadNotes({ id, summary }: { readonly id: string; readonly summary: Summary }): string[] {
  const { ratio } = summary.loadDelivered;
  const notes: string[] = [];
  if (ratio !== null && ratio < REQUIRED_DELIVERED)
    notes.push(
      `run ${id} delivered ${Math.floor(ratio * 100)} % of its planned load: its target had less load`,
    );
  if (summary.verdict === 'aborted') notes.push(`run ${id} ended early: ${summary.endReason}`);
  return notes;
}
