import { Command, InvalidArgumentError, Option } from 'commander';
import { SoakError } from '../core/errors.ts';
import { backUp } from '../history/backup.ts';
import { changeRun, type RunChange } from '../history/change.ts';
import { WIDTHS } from '../history/kept-window.ts';
import { HistoryReader, type KeptRun } from '../history/reader.ts';
import { viewOf } from '../http/views.ts';
import { positiveNumber } from './options.ts';
import { EXPORT_FORMATS, type ExportFormat, exportRun } from './runs-export.ts';
import { addFolderFlags, type FolderFlags, withHistory } from './runs-open.ts';
import { runsTable, runText } from './runs-text.ts';

interface Flags extends FolderFlags {
  readonly json?: boolean;
}

const REF = 'id of a run, its first characters, last, or last-pass';
const JSON_FLAG = 'print one line of JSON on standard output';

const print = (text: string): void => void process.stdout.write(text);
const printJson = (value: unknown): void => print(`${JSON.stringify(value)}\n`);

export function runsCommand(): Command {
  const runs = new Command('runs');
  const add = (command: Command): void => void runs.addCommand(addFolderFlags(command));
  add(listCommand());
  add(showCommand());
  add(changeCommand('delete', 'delete finished runs', (run) => ({ delete: run }), 'deleted'));
  add(
    changeCommand(
      'pin',
      'keep runs whatever their age and the size of the history',
      (run) => ({ pin: run, pinned: true }),
      'pinned',
    ),
  );
  add(
    changeCommand(
      'unpin',
      'let runs be deleted by age and size again',
      (run) => ({ pin: run, pinned: false }),
      'unpinned',
    ),
  );
  add(exportCommand());
  add(backupCommand());
  return runs;
}

function listCommand(): Command {
  return new Command('list')
    .description('list runs, the newest first')
    .option('--scenario <name>', 'only runs of this scenario')
    .addOption(
      new Option('--verdict <verdict>', 'only runs with this verdict').choices([
        'pass',
        'fail',
        'inconclusive',
        'aborted',
      ]),
    )
    .option('--limit <n>', 'maximum number of runs', positiveNumber, 20)
    .option('--before <run>', `only runs that started before this run: ${REF}`)
    .option('--json', JSON_FLAG)
    .action(
      ({
        scenario,
        verdict,
        limit,
        before,
        json,
        ...folder
      }: Flags & {
        readonly scenario?: string;
        readonly verdict?: string;
        readonly limit: number;
        readonly before?: string;
      }) =>
        withHistory(folder, 'read', (db) => {
          const runs = new HistoryReader(db).list({
            scenario,
            verdict,
            before,
            limit,
          });
          if (json === true) printJson({ runs: viewOf(runs) });
          else print(runsTable(runs, Date.now()));
        }),
    );
}

function showCommand(): Command {
  return new Command('show')
    .description('show the summary and the events of a run')
    .argument('<run>', REF)
    .option('--verbose', 'add outcomes, all timings, passed thresholds and settings')
    .option('--json', `${JSON_FLAG}, with failed streams`)
    .action((ref: string, { verbose, json, ...folder }: Flags & { readonly verbose?: boolean }) =>
      withHistory(folder, 'read', (db) => {
        const run = new HistoryReader(db).show(ref);
        if (json === true) printJson(viewOf(run));
        else print(runText(run, verbose === true, Date.now()));
      }),
    );
}

function changeCommand(
  name: string,
  description: string,
  change: (run: string) => RunChange,
  done: string,
): Command {
  return new Command(name)
    .description(description)
    .argument('<run...>', REF)
    .option('--json', JSON_FLAG)
    .action((refs: readonly string[], { json, ...folder }: Flags) =>
      withHistory(folder, 'write', (db) => {
        const reader = new HistoryReader(db);
        // All are looked up first: after the first change, `last` would be another run.
        const ids = [...new Set(refs.map((ref) => reader.resolve(ref)))];
        const active = name === 'delete' ? ids.filter((id) => reader.run(id).state === 'active') : [];
        if (active.length > 0)
          throw new SoakError('RUN_ACTIVE', `run ${active[0]} is active; stop it before you delete it`);
        const runs: KeptRun[] = ids.map((id) => changeRun(db, change(id)));
        if (json === true) printJson({ runs: viewOf(runs) });
        else print(runs.map(({ id, scenario }) => `${done} run ${id} of scenario ${scenario}\n`).join(''));
      }),
    );
}

function exportCommand(): Command {
  return new Command('export')
    .description('write the windows of a run as CSV or OpenMetrics, or the whole run as JSON')
    .argument('<run>', REF)
    .addOption(new Option('--format <format>', 'format').choices(Object.keys(EXPORT_FORMATS)).default('csv'))
    .addOption(
      new Option('--width <width>', 'length of a window').choices(Object.keys(WIDTHS)).default('10s'),
    )
    .option('--out <file>', 'file to write; replaces an existing file (default: standard output)')
    .option('--label <name=value>', 'openmetrics: label of every series, such as job=soak; repeatable', label)
    .option('--json', 'the same as --format json')
    .action(
      (
        ref: string,
        {
          format,
          width,
          out,
          label: labels = {},
          json,
          ...folder
        }: Flags & {
          readonly format: ExportFormat;
          readonly width: string;
          readonly out?: string;
          readonly label?: Readonly<Record<string, string>>;
        },
      ) => {
        const options = { format: json === true ? 'json' : format, width: WIDTHS[width]!, labels } as const;
        return withHistory(folder, 'read', (db) =>
          exportRun(db, ref, out === undefined ? options : { ...options, file: out }),
        );
      },
    );
}

function backupCommand(): Command {
  return new Command('backup')
    .description('copy the whole history to a file, even while soakd is writing the history')
    .argument('<file>', 'file to create')
    .option('--json', JSON_FLAG)
    .action((file: string, { json, ...folder }: Flags) =>
      withHistory(folder, 'read', async (db) => {
        const bytes = await backUp(db, file);
        if (json === true) printJson({ file, bytes });
        else print(`${file}: ${bytes} bytes\n`);
      }),
    );
}

/** @throws InvalidArgumentError */
function label(text: string, earlier: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const [, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined || name.startsWith('__') || name === 'le')
    throw new InvalidArgumentError(`found "${text}", expected name=value, as in job=soak.`);
  return { ...earlier, [name]: value };
}
