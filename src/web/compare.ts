import { h, type ComponentChild as View } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Differences, useComparison } from './differences.ts';
import { NotLoaded, useLoaded } from './loaded.ts';
import { Plot, type Zoom } from './plot.ts';
import { overlaid, plotsOf } from './plot-model.ts';
import { type KeptRunData, readRun } from './run-view.ts';
import { VerdictText } from './runs.ts';
import { Table, Time } from './tables.ts';

/** Two runs over each other, and their differences. */
export function Compare({ a, b }: { readonly a: string; readonly b: string }): View {
  const loaded = useLoaded(`${a} ${b}`, () => Promise.all([readRun(a), readRun(b)]));
  return h(
    'div',
    null,
    h('h1', null, 'Compare two runs'),
    loaded.state === 'loaded'
      ? h(Both, { a: loaded.value[0], b: loaded.value[1] })
      : h(NotLoaded, { of: loaded }),
  );
}

function Both({ a, b }: { readonly a: KeptRunData; readonly b: KeptRunData }): View {
  const shared = a.run.targets.filter((name) => b.run.targets.includes(name));
  const [chosen, setTarget] = useState<string | null>(null);
  const comparison = useComparison(a.run.id, b.run.id);
  // Until a reader chooses one: that of the most important difference.
  const first = comparison.state === 'loaded' ? comparison.value.values[0]?.target : undefined;
  const target = chosen ?? shared.find((name) => name === first) ?? shared[0] ?? '';
  const [zoom, setZoom] = useState<Zoom>(null);
  const plots = useMemo(() => {
    const of = ({ run, windows }: KeptRunData) =>
      plotsOf({ windows, targets: run.targets, chosen: target, limits: [] });
    return overlaid(of(a), of(b));
  }, [a, b, target]);
  return h(
    'div',
    null,
    h(Table<readonly [string, KeptRunData]>, {
      caption: 'The two runs',
      columns: [
        { head: '', cell: ([name]) => h('b', null, name) },
        { head: 'Run', cell: ([, { run }]) => h('a', { href: `#/runs/${run.id}` }, run.id) },
        { head: 'Scenario', cell: ([, { run }]) => run.scenario },
        { head: 'Verdict', cell: ([, { run }]) => h(VerdictText, { verdict: run.verdict }) },
        { head: 'Start', cell: ([, { run }]) => h(Time, { at: run.startedAt }) },
        { head: 'Reason', cell: ([, { run }]) => run.verdictReason ?? '' },
      ],
      rows: [
        ['A', a],
        ['B', b],
      ],
      id: ([name]) => name,
    }),
    a.run.id === b.run.id
      ? h('p', null, 'A and B are the same run.')
      : h(Differences, { loaded: comparison }),
    shared.length === 0
      ? h('p', null, 'The runs have no target in common, so there is nothing to plot.')
      : h(
          'section',
          { 'aria-labelledby': 'overlaid' },
          h(
            'div',
            { class: 'bar' },
            h('h2', { id: 'overlaid' }, 'From the start of each run'),
            h(
              'label',
              null,
              'Target ',
              h(
                'select',
                {
                  value: target,
                  onChange: (event: Event) => setTarget((event.target as HTMLSelectElement).value),
                },
                shared.map((name) => h('option', { key: name, value: name }, name)),
              ),
            ),
            zoom !== null &&
              h('button', { type: 'button', onClick: () => setZoom(null) }, 'Show the whole runs'),
          ),
          h(
            'div',
            { class: 'plots' },
            plots.map((plot) =>
              h(Plot, { key: plot.id, plot, bands: [], marks: [], zoom, onZoom: setZoom, relative: true }),
            ),
          ),
        ),
  );
}
