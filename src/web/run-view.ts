import { h, type ComponentChild as View } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount } from '../core/number.ts';
import { read } from './api.ts';
import { Confirm } from './confirm.ts';
import { windowsCsv } from './csv.ts';
import { CsvButton } from './csv-button.ts';
import type { Effect } from './effects.ts';
import { readWindows } from './feed.ts';
import { NotLoaded, useLoaded } from './loaded.ts';
import { Failures } from './now.ts';
import { Plots } from './plots.ts';
import { VerdictText } from './runs.ts';
import { Events, Table, Time } from './tables.ts';
import { lastedText, localTimes } from './times.ts';
import { valueText } from './value-text.ts';
import { widthFor } from './windows.ts';
import type { KeptRunDetail, RunWindow, Summary } from './wire.ts';

/** A run and its windows, as views of kept runs read them. */
export interface KeptRunData {
  readonly run: KeptRunDetail;
  readonly windows: readonly RunWindow[];
}

/** Reads a run with windows whose number is bounded. @throws ApiError */
export async function readRun(id: string): Promise<KeptRunData> {
  const run = await read<KeptRunDetail>(`/api/v1/runs/${encodeURIComponent(id)}`);
  const endMs = run.endedAt === null ? Date.now() : Date.parse(run.endedAt);
  return { run, windows: await readWindows(run.id, widthFor(endMs - Date.parse(run.startedAt))) };
}

/** A kept run: its verdict, plots, thresholds, failures and report. */
export function RunView({ id, operate }: { readonly id: string; readonly operate: boolean }): View {
  const [version, setVersion] = useState(0);
  const loaded = useLoaded(`${id} ${version}`, () => readRun(id));
  if (loaded.state !== 'loaded')
    return h('div', null, h('h1', null, `Run ${id}`), h(NotLoaded, { of: loaded }));
  return h(Shown, { data: loaded.value, operate, changed: () => setVersion(version + 1) });
}

function Shown({
  data: { run, windows },
  operate,
  changed,
}: {
  readonly data: KeptRunData;
  readonly operate: boolean;
  readonly changed: () => void;
}): View {
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState<'delete' | 'pin' | null>(null);
  const { summary } = run;
  const base = `/api/v1/runs/${encodeURIComponent(run.id)}`;
  const finished = run.state === 'finished';
  return h(
    'div',
    null,
    h('h1', null, `${run.scenario} `, h('small', null, run.id)),
    h(
      'p',
      { class: 'runline' },
      h(VerdictText, { verdict: run.verdict }),
      ` ${localTimes(run.verdictReason ?? '', Date.now())} · `,
      h(Time, { at: run.startedAt }),
      run.endedAt !== null && ` · lasted ${lastedText(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`,
      run.resumes > 0 && ` · resumed ${run.resumes === 1 ? 'once' : `${run.resumes} times`}`,
    ),
    h(
      'div',
      { class: 'bar' },
      finished && h('a', { class: 'button', href: `#/runs/${run.id}/report` }, 'Report'),
      finished &&
        h('a', { class: 'button', href: `${base}/summary`, download: `${run.id}.json` }, 'Summary as JSON'),
      finished &&
        h('a', { class: 'button', href: `#/compare/last-pass/${run.id}` }, 'Compare with the last pass'),
      windows.length > 0 &&
        h(CsvButton, { text: 'Windows as CSV', file: `${run.id}.csv`, make: () => windowsCsv(windows) }),
      finished &&
        operate &&
        h('button', { type: 'button', onClick: () => setAsked('pin') }, run.pinned ? 'Unpin …' : 'Pin …'),
      finished &&
        operate &&
        h('button', { type: 'button', class: 'severe', onClick: () => setAsked('delete') }, 'Delete …'),
    ),
    h(Plots, {
      title: 'Over the whole run',
      windows,
      targets: run.targets,
      events: run.events,
      gaps: summary?.run.gaps ?? [],
      chosen,
      onChoose: setChosen,
      limits: summary?.thresholds ?? [],
      empty: 'The history has no windows of this run.',
    }),
    summary !== null && h(SummaryParts, { summary }),
    h(
      'section',
      { 'aria-labelledby': 'failed' },
      h('h2', { id: 'failed' }, 'Failed streams'),
      h(Failures, { failures: run.failures }),
    ),
    h(Events, { events: run.events, limit: 50 }),
    asked !== null &&
      h(Confirm, {
        effect: effectOf(asked, run, base),
        onClose: () => setAsked(null),
        onDone: () => {
          setAsked(null);
          if (asked === 'delete') location.hash = '#/runs';
          else changed();
        },
      }),
  );
}

function effectOf(asked: 'delete' | 'pin', { id, pinned }: KeptRunDetail, base: string): Effect {
  if (asked === 'delete')
    return {
      request: { method: 'DELETE', path: base },
      question: 'Delete this run?',
      effects: [`Run ${id} leaves the history, with its windows, events and report. You cannot undo that.`],
      issue: null,
      severe: true,
    };
  return {
    request: { method: 'PATCH', path: base, body: { pinned: !pinned } },
    question: pinned ? 'Unpin this run?' : 'Pin this run?',
    effects: [
      pinned
        ? 'soakd may delete the run by age or size.'
        : 'soakd keeps the run whatever its age and the size of the history.',
    ],
    issue: null,
    severe: false,
  };
}

function SummaryParts({ summary }: { readonly summary: Summary }): View {
  return h(
    'div',
    null,
    h('h2', null, 'Targets'),
    h(Table<Summary['targets'][number]>, {
      caption: 'Targets of the run',
      columns: [
        { head: 'Target', cell: ({ name }) => name },
        { head: 'Verdict', cell: ({ verdict }) => h(VerdictText, { verdict }) },
        { head: 'Started', number: true, cell: ({ streams }) => formatCount(streams.started) },
        { head: 'Failed', number: true, cell: ({ streams }) => formatCount(streams.results.failed) },
        { head: 'Success', number: true, cell: ({ successRatio }) => valueText(successRatio, 'ratio') },
        { head: 'TTFB p50', number: true, cell: ({ ttfbMs }) => valueText(ttfbMs.p50, 'ms') },
        { head: 'TTFB p95', number: true, cell: ({ ttfbMs }) => valueText(ttfbMs.p95, 'ms') },
        { head: 'TTFT p95', number: true, cell: ({ ttftMs }) => valueText(ttftMs.p95, 'ms') },
        { head: 'Gap p95', number: true, cell: ({ gapMs }) => valueText(gapMs.p95, 'ms') },
        { head: 'Reason', cell: ({ verdictReason }) => verdictReason },
      ],
      rows: summary.targets,
      id: ({ name }) => name,
    }),
    h('h2', null, 'Thresholds'),
    h(Table<Summary['thresholds'][number]>, {
      caption: 'Thresholds of the run',
      columns: [
        { head: 'Threshold', cell: ({ threshold }) => threshold },
        { head: 'Target', cell: ({ target }) => target },
        { head: 'Result', cell: ({ result }) => h(ResultText, { result }) },
        { head: 'Observed', number: true, cell: ({ observed, unit }) => valueText(observed, unit) },
        {
          head: 'Crossed when',
          number: true,
          cell: ({ crossedWhen, limit, unit }) => `${crossedWhen} ${valueText(limit, unit)}`,
        },
        { head: 'Alerts', number: true, cell: ({ alerts }) => alerts.length },
      ],
      rows: summary.thresholds,
      id: ({ threshold, target }) => `${threshold} ${target}`,
    }),
  );
}

const RESULTS = {
  pass: ['ok', '✓ held'],
  fail: ['bad', '✕ crossed'],
  inconclusive: ['warn', '! inconclusive'],
  'no-data': ['idle', '○ no data'],
} as const;

function ResultText({ result }: { readonly result: keyof typeof RESULTS }): View {
  const [level, text] = RESULTS[result];
  return h('span', { class: `state ${level}` }, text);
}
