import { h, type ComponentChild as View } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Plot, type Zoom } from './plot.ts';
import { bandsOf, MAX_LINES, marksOf, type PlotSource, plotsOf } from './plot-model.ts';
import type { RunEvent, Summary } from './wire.ts';

export interface PlotsProps extends Omit<PlotSource, 'chosen'> {
  readonly events: readonly RunEvent[];
  readonly gaps: Summary['run']['gaps'];
  /** Heading. */
  readonly title: string;
  readonly chosen: string | null;
  readonly onChoose: (target: string | null) => void;
  /** Shown instead of plots while there are no windows. */
  readonly empty: string;
}

/** All plots of a run, with one zoom and one cursor, for one target or all. */
export function Plots(props: PlotsProps): View {
  const { windows, targets, chosen, limits, events, gaps, onChoose, empty, title } = props;
  const [zoom, setZoom] = useState<Zoom>(null);
  // What is the same comes as another array with each answer: only what has changed is drawn again.
  const limitsKey = limits.map((l) => `${l.threshold} ${l.target} ${l.limit} ${l.unit}`).join('\n');
  const plots = useMemo(
    () => plotsOf({ windows, targets, chosen, limits }),
    [windows, targets.join('\n'), chosen, limitsKey],
  );
  const bands = useMemo(() => bandsOf(windows, gaps, events), [windows, gaps.length, events]);
  const marks = useMemo(() => marksOf(events), [events]);
  return h(
    'section',
    { 'aria-labelledby': 'plots' },
    h(
      'div',
      { class: 'bar' },
      h('h2', { id: 'plots' }, title),
      targets.length > 1 &&
        h(
          'label',
          null,
          'Target ',
          h(
            'select',
            {
              value: chosen ?? '',
              onChange: (event: Event) => onChoose((event.target as HTMLSelectElement).value || null),
            },
            h('option', { value: '' }, 'all'),
            targets.map((name) => h('option', { value: name, key: name }, name)),
          ),
        ),
      zoom !== null && h('button', { type: 'button', onClick: () => setZoom(null) }, 'Show the whole run'),
    ),
    windows.length === 0
      ? h('p', { class: 'muted' }, empty)
      : h(
          'div',
          null,
          h(
            'p',
            { class: 'muted small' },
            `${windows.length} windows. Drag to zoom, double-click for the whole run; with the keyboard: arrows, + and −, Escape.`,
            targets.length > MAX_LINES && chosen === null
              ? ` Lines show the first ${MAX_LINES} of ${targets.length} targets; sums show all.`
              : '',
          ),
          h(
            'ul',
            { class: 'keys', 'aria-label': 'Marks in the plots' },
            KEYS.filter(({ kind }) => bands.some((b) => b.kind === kind)).map(({ kind, text }) =>
              h('li', { key: kind }, h('i', { class: `band ${kind}` }), text),
            ),
            marks.length > 0 &&
              h('li', null, h('i', { class: 'band event' }), 'event of the run, listed below'),
            plots.some((p) => p.limits.length > 0) && h('li', null, h('i', { class: 'band limit' }), 'limit'),
          ),
          h(
            'div',
            { class: 'plots' },
            plots.map((plot) => h(Plot, { key: plot.id, plot, bands, marks, zoom, onZoom: setZoom })),
          ),
        ),
  );
}

const KEYS = [
  { kind: 'unreliable', text: 'unreliable: soakd was late' },
  { kind: 'gap', text: 'gap: soakd was not running' },
  { kind: 'paused', text: 'paused' },
] as const;
