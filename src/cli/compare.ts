import { Command } from 'commander';
import { compareRuns } from '../compare/compare.ts';
import type { Comparison, RefusalReason } from '../compare/comparison.ts';
import type { RunSource } from '../compare/run.ts';
import { comparisonText } from '../compare/text.ts';
import { KeptRunSource } from '../kept-report/kept-run-source.ts';
import { exitWith, USAGE_EXIT } from './exit.ts';
import { positiveNumber } from './options.ts';
import { isFile, runFiles } from './run-files.ts';
import { addFolderFlags, type FolderFlags, withHistory } from './runs-open.ts';

interface CompareFlags extends FolderFlags {
  readonly json?: boolean;
  readonly floor?: number;
  readonly seed?: number;
}

/** Exit code without a result, as that of an inconclusive run. */
const INCONCLUSIVE_EXIT = 5;

/** Runs that are different by what they are; other refusals are for lack of data. */
const USAGE_REFUSALS: readonly RefusalReason[] = ['no-common-target', 'different-model', 'no-common-level'];

export function compareCommand(): Command {
  const command = new Command('compare')
    .argument('<a>', 'baseline run: an id, its first characters, last, last-pass, or a file of run --json')
    .argument('<b>', 'run to compare with the baseline')
    .option('--json', 'print the comparison as one line of JSON on standard output')
    .option(
      '--floor <percent>',
      'smallest change of timings and rates that counts (default: 3)',
      positiveNumber,
    )
    .option('--seed <n>', 'seed of the bootstrap resampling (default: 1)', positiveNumber);
  return addFolderFlags(command).action(async (a: string, b: string, flags: CompareFlags) => {
    const { json, floor, seed } = flags;
    const options = {
      relativeFloor: floor && floor / 100,
      seed,
    };
    const compared = (history?: RunSource) => {
      const find = (ref: string) => (isFile(ref) || history === undefined ? runFiles : history).find(ref);
      return compareRuns(find(a), find(b), options);
    };
    // Two files need no history.
    const comparison =
      isFile(a) && isFile(b)
        ? compared()
        : await withHistory(flags, 'read', (db) => compared(new KeptRunSource(db)));
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
