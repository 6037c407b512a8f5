import { Command } from 'commander';
import { compareRuns } from '../compare/compare.ts';
import type { Comparison, RefusalReason } from '../compare/comparison.ts';
import type { RunSource } from '../compare/run.ts';
import { comparisonText } from '../compare/text.ts';
import { SoakError } from '../core/errors.ts';
import { exitWith, USAGE_EXIT } from './exit.ts';
import { positiveNumber } from './options.ts';
import { isFile, runFiles } from './run-files.ts';

interface CompareFlags {
  readonly json?: boolean;
  readonly floor?: number;
  readonly seed?: number;
}

/** Exit code without a result, as that of an inconclusive run. */
const INCONCLUSIVE_EXIT = 5;

/** Runs that are different by what they are; other refusals are for lack of data. */
const USAGE_REFUSALS: readonly RefusalReason[] = ['no-common-target', 'different-model', 'no-common-level'];

/** @param history where runs are found by id, `last` and `last-pass`; absent: only files are compared */
export function compareCommand(history?: RunSource): Command {
  return new Command('compare')
    .argument('<a>', 'run from before: file of `run --json`')
    .argument('<b>', 'run to compare with it')
    .option('--json', 'print the comparison as one line of JSON on standard output')
    .option(
      '--floor <percent>',
      'smallest change of timings and rates that counts (default: 3)',
      positiveNumber,
    )
    .option('--seed <n>', 'seed of the draws (default: 1)', positiveNumber)
    .action((a: string, b: string, { json, floor, seed }: CompareFlags) => {
      const comparison = compareRuns(find(a, history), find(b, history), {
        ...(floor === undefined ? {} : { relativeFloor: floor / 100 }),
        ...(seed === undefined ? {} : { seed }),
      });
      process.stdout.write(json === true ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison));
      exitWith(compareExit(comparison));
    });
}

/** Returns the exit code of a comparison. */
export function compareExit({ verdict, refused }: Comparison): number {
  if (refused !== null) return USAGE_REFUSALS.includes(refused.reason) ? USAGE_EXIT : INCONCLUSIVE_EXIT;
  if (verdict === 'inconclusive') return INCONCLUSIVE_EXIT;
  return verdict === 'regression' ? 1 : 0;
}

/** @throws SoakError USAGE */
function find(reference: string, history: RunSource | undefined): ReturnType<RunSource['find']> {
  if (isFile(reference)) return runFiles.find(reference);
  if (history !== undefined) return history.find(reference);
  throw new SoakError(
    'USAGE',
    `found the run "${reference.slice(0, 80)}", expected a file of soakd run --json: a path with / or with the ending .json`,
  );
}
