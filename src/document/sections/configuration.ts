import type { SubjectLimit } from '../../analysis/level-point.ts';
import { formatDuration } from '../../core/duration.ts';
import { loadText } from '../../report/load-text.ts';
import { isSequence } from '../../report/turns.ts';
import { valueText } from '../../report/value-text.ts';
import type { Block } from '../../schema/report.ts';
import type { Summary } from '../../schema/summary.ts';
import { eachRun, facts, paragraph, type RunPart, tableOf } from '../blocks.ts';
import type { ReportedTable, SectionRecord } from '../input.ts';
import { bytesText, countText, plural } from '../text.ts';

/** Rows of targets, limits and settings. */
const MAX_ROWS = 60;

export const configuration: SectionRecord = {
  id: 'configuration',
  title: 'Configuration',
  make: (input) => eachRun(input, ({ summary }) => configurationOf(summary), tableConfiguration),
};

/** What a table states of its setup, and the limits that are evaluated. */
function tableConfiguration({ subject, facts: stated = {} }: ReportedTable): RunPart {
  const rows = Object.entries(stated);
  return {
    blocks: [
      rows.length === 0
        ? paragraph('The table states nothing of its setup.')
        : facts('What the table states of its setup; soakd did not check it.', rows.slice(0, MAX_ROWS)),
      ...(subject.limits.length === 0
        ? []
        : [
            tableOf<SubjectLimit>(
              'Limits of the table.',
              [
                { title: 'limit', align: 'left', cell: (l) => l.measure },
                {
                  title: 'crossed if',
                  align: 'left',
                  cell: (l) => `${l.crossedWhen} ${valueText(l.limit, l.unit)}`,
                },
                { title: 'severity', align: 'left', cell: (l) => l.severity },
              ],
              subject.limits,
              MAX_ROWS,
            ),
          ]),
    ],
    values: { facts: stated, limits: subject.limits },
  };
}

function configurationOf(summary: Summary): RunPart {
  const { setup } = summary;
  return {
    blocks: [
      facts('What was run, and by what', [
        ['Load', loadText(setup)],
        ['Model', modelText(setup)],
        [
          'Warm-up left out',
          setup.warmUpMs === 0
            ? 'none'
            : `${formatDuration(setup.warmUpMs)}${isSequence(setup) ? ' of each turn' : ''}`,
        ],
        ['Budget', budgetText(setup.budget)],
        [
          'Machine of soakd',
          `${setup.machine.platform}, ${plural(setup.machine.cpuCores, 'CPU')}, ${bytesText(setup.machine.memoryBytes)}, load average ${setup.machine.loadAverage.toFixed(1)} at the end`,
        ],
        ['Versions', `soakd ${setup.soakd.version} (${setup.soakd.revision}), Node ${setup.soakd.node}`],
      ]),
      tableOf(
        'Targets, with their timeouts.',
        [
          { title: 'target', align: 'left', cell: (t) => t.name },
          { title: 'URL', align: 'left', cell: (t) => t.url },
          { title: 'format', align: 'left', cell: (t) => t.format },
          { title: 'transport', align: 'left', cell: (t) => t.transport ?? 'by the URL' },
          { title: 'weight', cell: (t) => String(t.weight) },
          { title: 'timeouts', align: 'left', cell: (t) => timeoutsText(t.timeouts) },
          { title: 'labels', align: 'left', cell: (t) => labelsText(t.labels) },
        ],
        setup.targets,
        MAX_ROWS,
      ),
      ...limitBlocks(summary),
      ...changedBlocks(setup),
    ],
    values: { ...setup, thresholds: summary.thresholds.slice(0, 1000) },
  };
}

function modelText({ model }: Summary['setup']): string {
  return model.kind === 'closed'
    ? 'closed: each user holds one stream at a time'
    : `open: arrivals (${model.arrivals}) that do not wait for the target, at most ${countText(model.maxUsers)} at once`;
}

function budgetText(budget: Summary['setup']['budget']): string {
  const parts = [
    ...(budget?.streams === undefined ? [] : [`${countText(budget.streams)} streams`]),
    ...(budget?.outputTokens === undefined ? [] : [`${countText(budget.outputTokens)} output tokens`]),
    ...(budget?.cost === undefined ? [] : [`cost ${budget.cost}`]),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function timeoutsText(timeouts: Summary['setup']['targets'][number]['timeouts']): string {
  return Object.entries(timeouts)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, ms]) => `${name.replace(/Ms$/, '')} ${formatDuration(ms)}`)
    .join(', ');
}

function labelsText(labels: Summary['setup']['targets'][number]['labels']): string {
  return (
    Object.entries(labels ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(', ') || '–'
  );
}

function limitBlocks({ thresholds }: Summary): Block[] {
  if (thresholds.length === 0) return [];
  // Targets share most limits: one row for each limit, not for each target.
  const groups = Map.groupBy(thresholds, (t) => JSON.stringify([t.threshold, t.limit, t.crossedWhen]));
  return [
    tableOf(
      'Limits that decide the verdict.',
      [
        { title: 'limit', align: 'left', cell: ([t]) => t!.measure },
        {
          title: 'crossed if',
          align: 'left',
          cell: ([t]) => `${t!.crossedWhen} ${valueText(t!.limit, t!.unit)}`,
        },
        { title: 'targets', cell: (all) => String(all.length) },
        { title: 'needs n', cell: ([t]) => countText(t!.required) },
      ],
      [...groups.values()],
      MAX_ROWS,
    ),
  ];
}

function changedBlocks({ changed }: Summary['setup']): Block[] {
  if (changed.length === 0) return [];
  return [
    tableOf(
      'Settings that differ from their defaults.',
      [
        { title: 'setting', align: 'left', cell: ({ key }) => key },
        {
          title: 'value',
          align: 'left',
          note: '“set” stands for a value that is not shown.',
          needsNote: (cell) => cell === 'set',
          cell: ({ value }) => String(value),
        },
        { title: 'default', align: 'left', cell: (c) => (c.default === null ? 'none' : String(c.default)) },
      ],
      changed,
      MAX_ROWS,
    ),
  ];
}
