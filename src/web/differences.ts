import { h, type ComponentChild as View } from 'preact';
import { formatCount, formatPercent } from '../core/number.ts';
import { read } from './api.ts';
import { type Loaded, NotLoaded, useLoaded } from './loaded.ts';
import type { Unit } from './plot-model.ts';
import { Table } from './tables.ts';
import { changeText, valueText } from './value-text.ts';
import type { Comparison } from './wire.ts';

type Value = Comparison['values'][number];
type NotCompared = Comparison['notCompared'][number];

const UNITS: Readonly<Record<Value['unit'], Unit>> = { ms: 'ms', ratio: 'ratio', 'per-second': 'perSecond' };

/** How a difference is shown, the most important first. */
const RESULTS = [
  { result: 'regression', level: 'bad', text: '✕ worse' },
  { result: 'improvement', level: 'ok', text: '✓ better' },
  { result: 'unchanged', level: 'idle', text: '○ no difference' },
] as const satisfies readonly { readonly result: Value['result']; readonly [key: string]: string }[];

/** What came of a comparison, in a few words. */
const VERDICTS: Readonly<
  Record<Comparison['verdict'], { readonly level: string; readonly sign: string; readonly word: string }>
> = {
  regression: { level: 'bad', sign: '✕', word: 'B is worse than A' },
  'no-regression': { level: 'ok', sign: '✓', word: 'B is not worse than A' },
  inconclusive: { level: 'warn', sign: '!', word: 'Nothing is worse, but not everything could be compared' },
  refused: { level: 'warn', sign: '!', word: 'These runs cannot be compared' },
};

/** Reads which values of two runs differ by more than noise, as `soakd compare` finds them. */
export function useComparison(a: string, b: string): Loaded<Comparison> {
  const path = `/api/v1/runs/${encodeURIComponent(b)}/comparison?baseline=${encodeURIComponent(a)}`;
  return useLoaded(path, () => read<Comparison>(path));
}

/** The values that differ, regressions first. */
export function Differences({ loaded }: { readonly loaded: Loaded<Comparison> }): View {
  return h(
    'section',
    { 'aria-labelledby': 'differences' },
    h('h2', { id: 'differences' }, 'Differences'),
    loaded.state === 'loaded' ? h(Result, { comparison: loaded.value }) : h(NotLoaded, { of: loaded }),
  );
}

function Result({ comparison }: { readonly comparison: Comparison }): View {
  const { verdict, refused, counts, values, notCompared, configuration, notes, method } = comparison;
  const { level, sign, word } = VERDICTS[verdict];
  const changed = values.filter(({ result }) => result !== 'unchanged');
  const same = values.filter(({ result }) => result === 'unchanged');
  return h(
    'div',
    null,
    h(
      'div',
      { class: `banner ${level}` },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
      h(
        'div',
        null,
        h('h3', null, word),
        h(
          'p',
          null,
          refused?.text ??
            `${counts.regressions} worse, ${counts.improvements} better, ${counts.unchanged} without a difference that counts.`,
        ),
        notes.map((note) => h('p', { key: note, class: 'muted' }, note)),
      ),
    ),
    changed.length > 0 && h(Values, { caption: 'Values that differ', values: changed }),
    same.length > 0 &&
      h(
        'details',
        { open: changed.length === 0 },
        h('summary', null, `${countText(same.length, 'value')} without a difference that counts`),
        h(Values, { caption: 'Values without a difference that counts', values: same }),
      ),
    notCompared.length > 0 &&
      h(
        'details',
        null,
        h('summary', null, `Not compared, and why: ${countText(notCompared.length, 'value')}`),
        h(Table<NotCompared>, {
          caption: 'Values that are not compared',
          columns: [
            { head: 'Target', cell: ({ target }) => target },
            { head: 'Value', cell: ({ name }) => name },
            { head: 'A', number: true, cell: ({ a, unit }) => valueText(a, UNITS[unit]) },
            { head: 'B', number: true, cell: ({ b, unit }) => valueText(b, UNITS[unit]) },
            { head: 'Reason', cell: ({ reason }) => reason },
          ],
          rows: notCompared,
          id: ({ target, name }) => `${target} ${name}`,
        }),
      ),
    configuration.length > 0 &&
      h(
        'details',
        null,
        h('summary', null, `Settings and facts that differ: ${configuration.length}`),
        h(Table<Comparison['configuration'][number]>, {
          caption: 'Settings and facts that differ',
          columns: [
            { head: 'Key', cell: ({ key }) => key },
            { head: 'A', cell: ({ a }) => a ?? 'absent' },
            { head: 'B', cell: ({ b }) => b ?? 'absent' },
          ],
          rows: configuration,
          id: ({ key }) => key,
        }),
      ),
    refused === null &&
      h(
        'p',
        { class: 'muted small' },
        `${method.kind === 'windows' ? 'Computed from the windows of both runs' : 'Computed from the counts of both summaries'}: the chance that equal runs differ in any value is at most ${formatPercent(method.familyError)}. The interval holds the true change with a probability of ${formatPercent(method.confidence)}.`,
      ),
  );
}

function countText(n: number, noun: string): string {
  return `${formatCount(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function Values({ caption, values }: { readonly caption: string; readonly values: readonly Value[] }): View {
  return h(Table<Value>, {
    caption,
    columns: [
      {
        head: 'Result',
        cell: ({ result }) => {
          const { level, text } = RESULTS.find((one) => one.result === result)!;
          return h('span', { class: `state ${level}` }, text);
        },
      },
      { head: 'Target', cell: ({ target }) => target },
      { head: 'Value', cell: ({ name }) => name },
      { head: 'A', number: true, cell: ({ a, unit }) => valueText(a, UNITS[unit]) },
      { head: 'B', number: true, cell: ({ b, unit }) => valueText(b, UNITS[unit]) },
      { head: 'Change', number: true, cell: (value) => changeText(value.difference, value) },
      {
        head: 'Interval of the change',
        number: true,
        cell: (value) => value.interval.map((limit) => changeText(limit, value)).join(' to '),
      },
    ],
    rows: values,
    id: ({ target, name }) => `${target} ${name}`,
  });
}
