import { h, type ComponentChild as View } from 'preact';
import { useState } from 'preact/hooks';
import { read } from './api.ts';
import { runsCsv } from './csv.ts';
import { CsvButton } from './csv-button.ts';
import { VERDICTS } from './health.ts';
import { NotLoaded, useLoaded } from './loaded.ts';
import { Table, Time } from './tables.ts';
import { lastedText, localTimes } from './times.ts';
import type { KeptRun, Status, Summary } from './wire.ts';

const PAGE = 50;
/** The longest page that the API has. */
const MAX_PAGE = 1000;

interface RunPage {
  readonly runs: readonly KeptRun[];
  readonly next: string | null;
}

interface Filter {
  readonly scenario: string;
  readonly verdict: string;
  /** Only runs before this one; empty: the newest. */
  readonly before: string;
}

/** Returns the URL of a page of the list of runs. */
function listUrl({ scenario, verdict, before }: Filter, limit = PAGE): string {
  const query = Object.entries({ scenario, verdict, before }).filter(([, value]) => value !== '');
  return `/api/v1/runs?${new URLSearchParams([...query, ['limit', String(limit)]])}`;
}

/** Reads all runs of a filter, page by page. @throws ApiError */
async function allRuns({ scenario, verdict }: Filter): Promise<readonly KeptRun[]> {
  const runs: KeptRun[] = [];
  let next: string | null = listUrl({ scenario, verdict, before: '' }, MAX_PAGE);
  while (next !== null) {
    const page: RunPage = await read<RunPage>(next);
    runs.push(...page.runs);
    next = page.next;
  }
  return runs;
}

/** A verdict with its sign, since colours alone do not say it. */
export function VerdictText({ verdict }: { readonly verdict: string | null }): View {
  if (verdict === null) return h('span', { class: 'state paused' }, '▸ active');
  const { level, word } = VERDICTS[verdict as Summary['verdict']] ?? { level: 'idle', word: verdict };
  const sign = { ok: '✓', bad: '✕', warn: '!', paused: '‖', idle: '○' }[level];
  return h('span', { class: `state ${level}` }, `${sign} ${word}`);
}

/** The runs of the history. */
export function Runs({ status }: { readonly status: Status }): View {
  const [filter, setFilter] = useState<Filter>({ scenario: '', verdict: '', before: '' });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const url = listUrl(filter);
  // The list is read again when a run starts or ends.
  const loaded = useLoaded(`${url} ${status.run?.id ?? ''}`, () => read<RunPage>(url));
  const change = (key: keyof Filter) => (event: Event) =>
    setFilter({ ...filter, before: '', [key]: (event.target as HTMLSelectElement).value });
  const select = (label: string, key: 'scenario' | 'verdict', values: readonly string[]): View =>
    h(
      'label',
      null,
      `${label} `,
      h(
        'select',
        { value: filter[key], onChange: change(key) },
        h('option', { value: '' }, 'all'),
        values.map((value) => h('option', { key: value, value }, value)),
      ),
    );
  const toggle = (id: string): void =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-2));
  return h(
    'div',
    null,
    h('h1', null, 'Runs'),
    h(
      'div',
      { class: 'bar' },
      select('Scenario', 'scenario', status.scenarios),
      select('Verdict', 'verdict', ['pass', 'fail', 'inconclusive', 'aborted']),
      chosen.length === 2
        ? h('a', { class: 'button', href: `#/compare/${[...chosen].sort().join('/')}` }, 'Compare the two')
        : h('span', { class: 'muted' }, 'Choose two runs to compare them.'),
      h(CsvButton, { text: 'All as CSV', file: 'runs.csv', make: () => allRuns(filter).then(runsCsv) }),
    ),
    loaded.state !== 'loaded'
      ? h(NotLoaded, { of: loaded })
      : loaded.value.runs.length === 0
        ? h(
            'p',
            null,
            'No runs',
            filter.scenario + filter.verdict === '' ? ' yet. ' : ' with these filters. ',
            h('a', { href: '#/control' }, 'Start one under Control'),
            '.',
          )
        : h(RunTable, { runs: loaded.value.runs, chosen, toggle }),
    h(
      'div',
      { class: 'bar' },
      filter.before !== '' &&
        h('button', { type: 'button', onClick: () => setFilter({ ...filter, before: '' }) }, 'Newest'),
      loaded.state === 'loaded' &&
        loaded.value.next !== null &&
        h(
          'button',
          { type: 'button', onClick: () => setFilter({ ...filter, before: loaded.value.runs.at(-1)!.id }) },
          'Older',
        ),
    ),
  );
}

function RunTable({
  runs,
  chosen,
  toggle,
}: {
  readonly runs: readonly KeptRun[];
  readonly chosen: readonly string[];
  readonly toggle: (id: string) => void;
}): View {
  return h(Table<KeptRun>, {
    caption: 'Runs, the newest first',
    columns: [
      {
        head: 'Compare',
        cell: ({ id, state }) =>
          h('input', {
            type: 'checkbox',
            checked: chosen.includes(id),
            disabled: state === 'active',
            onChange: () => toggle(id),
            'aria-label': `Compare ${id}`,
          }),
      },
      {
        head: 'Run',
        cell: ({ id, pinned }) => [h('a', { href: `#/runs/${id}` }, id), pinned && ' (pinned)'],
      },
      { head: 'Scenario', cell: ({ scenario }) => scenario },
      { head: 'Verdict', cell: ({ verdict }) => h(VerdictText, { verdict }) },
      { head: 'Start', cell: ({ startedAt }) => h(Time, { at: startedAt }) },
      {
        head: 'Lasted',
        number: true,
        cell: ({ startedAt, endedAt }) =>
          lastedText((endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt)),
      },
      { head: 'Reason', cell: ({ verdictReason }) => localTimes(verdictReason ?? '', Date.now()) },
    ],
    rows: runs,
    id: ({ id }) => id,
  });
}
