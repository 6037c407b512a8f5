import type { Block } from '../../schema/report.ts';
import type { Summary } from '../../schema/summary.ts';
import { code, eachRun, facts, paragraph, type RunPart } from '../blocks.ts';
import type { Content, ReportInput, SectionRecord } from '../input.ts';

export const reproduce: SectionRecord = {
  id: 'reproduce',
  title: 'How to reproduce',
  make(input): Content {
    const section = eachRun(input, ({ summary }) => runAgain(summary));
    const again: Block[] = [
      paragraph(
        `To write this report again from the ${input.runs.length === 0 ? 'same files' : 'history or from the same files'}${input.runs.some((r) => r.use !== null) ? ', with --prometheus and --prometheus-labels as before' : ''}:`,
      ),
      code(reportCommand(input)),
    ];
    if ('omitted' in section)
      return {
        blocks: [
          paragraph('The table was written by someone else: what produced it is not known to soakd.'),
          ...again,
        ],
        values: [],
      };
    return { ...section, blocks: [...section.blocks, ...again] };
  },
};

function runAgain({ setup, run }: Summary): RunPart {
  const { command, configurationHash, seed, changed } = setup;
  return {
    blocks: [
      ...(command === null
        ? [
            paragraph(
              `The service started the run from its configuration. To run the scenario again, with the same configuration:`,
            ),
            code(`soakd run ${quoted(run.scenario)}`),
          ]
        : [paragraph('The run was started with:'), code(command)]),
      facts('What has to be the same for the same load', [
        ['Configuration, SHA-256', configurationHash],
        ['Seed of all draws', String(seed)],
        ['Version', `soakd ${setup.soakd.version} (${setup.soakd.revision}), Node ${setup.soakd.node}`],
        [
          'Settings other than the defaults',
          changed.length === 0 ? 'none' : `${changed.length}, listed under Configuration`,
        ],
      ]),
    ],
    values: { command, configurationHash, seed, changed: changed.length },
  };
}

function reportCommand({ runs, tables, questions }: ReportInput): string {
  const names = [...runs.map(({ name }) => name), ...tables.map(({ name, file }) => file ?? name)].map(
    quoted,
  );
  return [
    'soakd report',
    ...names,
    ...(questions.users === null ? [] : [`--users ${questions.users}`]),
    ...(questions.pricePerHour === null ? [] : [`--price-per-hour ${questions.pricePerHour}`]),
    ...(questions.currency === '' ? [] : [`--currency ${quoted(questions.currency)}`]),
    '--format html --out report.html',
  ].join(' ');
}

/** Quotes an argument for a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
