import { h, type ComponentChild as View } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, readIfServed, send } from './api.ts';
import { NotLoaded, useLoaded } from './loaded.ts';
import { type OutlineLine, outlineOf } from './outline.ts';
import { Table, Time } from './tables.ts';
import type { Status } from './wire.ts';

type Target = Status['targets'][number];
type Schedule = Status['schedules'][number];

/** The configuration as it runs, its schedules, and a check of another one. */
export function Configuration({
  status,
  operate,
}: {
  readonly status: Status;
  readonly operate: boolean;
}): View {
  return h(
    'div',
    null,
    h('h1', null, 'Configuration'),
    h('h2', null, 'Targets'),
    h(Table<Target>, {
      caption: 'Targets of the configuration',
      columns: [
        { head: 'Target', cell: ({ name }) => name },
        { head: 'Format', cell: ({ format }) => format },
        { head: 'URL', cell: ({ url }) => url },
      ],
      rows: status.targets,
      id: ({ name }) => name,
    }),
    h('h2', null, 'Schedules'),
    status.schedules.length === 0
      ? h('p', { class: 'muted' }, 'No schedules are configured.')
      : h(Table<Schedule>, {
          caption: 'Schedules',
          columns: [
            { head: 'Schedule', cell: ({ name }) => name },
            { head: 'Scenario', cell: ({ scenario }) => scenario },
            { head: 'When', cell: ({ cron, timezone }) => `${cron} (${timezone})` },
            { head: 'Next', cell: ({ nextAt }) => h(Time, { at: nextAt }) },
            {
              head: 'Last start',
              cell: ({ lastStartedAt }) =>
                lastStartedAt === null ? 'never' : h(Time, { at: lastStartedAt }),
            },
            { head: 'Skipped', number: true, cell: ({ skipped }) => skipped },
          ],
          rows: status.schedules,
          id: ({ name }) => name,
        }),
    h(Running, null),
    h(Check, { operate }),
  );
}

function Running(): View {
  const loaded = useLoaded('configuration', () =>
    readIfServed<{ configuration: object }>('/api/v1/configuration'),
  );
  return h(
    'section',
    { 'aria-labelledby': 'running' },
    h('h2', { id: 'running' }, 'In effect, without secrets'),
    loaded.state !== 'loaded'
      ? h(NotLoaded, { of: loaded })
      : loaded.value === null
        ? h('p', { class: 'muted' }, 'This soakd does not show its configuration.')
        : h(
            'pre',
            { tabIndex: 0, role: 'region', 'aria-label': 'Configuration as it runs' },
            outlineOf(loaded.value.configuration).map(
              ({ depth, text }: OutlineLine) => `${'  '.repeat(depth)}${text}\n`,
            ),
          ),
  );
}

interface Checked {
  readonly valid: boolean;
  readonly targets: readonly string[];
  readonly scenarios: readonly string[];
  readonly issues: readonly { readonly line: number | null; readonly text: string }[];
}

function Check({ operate }: { readonly operate: boolean }): View {
  const [text, setText] = useState('');
  const [checked, setChecked] = useState<Checked | null>(null);
  const [lines, setLines] = useState<readonly string[]>([]);
  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    setChecked(null);
    setLines([]);
    try {
      setChecked(
        await send<Checked>({ method: 'POST', path: '/api/v1/configuration/check', body: { text } }),
      );
    } catch (error) {
      const missing = error instanceof ApiError && error.status === 404;
      setLines(
        missing
          ? ['This soakd cannot check a file here: use "soakd validate FILE".']
          : error instanceof ApiError
            ? error.lines
            : [String(error)],
      );
    }
  };
  return h(
    'section',
    { 'aria-labelledby': 'check' },
    h('h2', { id: 'check' }, 'Check a file'),
    h(
      'form',
      { onSubmit: (event: Event) => void check(event) },
      h(
        'label',
        { class: 'field wide' },
        h('span', null, 'Content of a soakd.yaml. It is checked, and changes nothing.'),
        h('textarea', {
          rows: 12,
          spellcheck: false,
          value: text,
          onInput: (event: Event) => setText((event.target as HTMLTextAreaElement).value),
        }),
      ),
      h('button', { type: 'submit', class: 'main', disabled: !operate || text.trim() === '' }, 'Check'),
    ),
    h(
      'div',
      { role: 'alert' },
      lines.map((line) => h('p', { key: line, class: 'bad' }, line)),
      checked !== null && h(Result, { checked, text }),
    ),
  );
}

function Result({ checked, text }: { readonly checked: Checked; readonly text: string }): View {
  if (checked.valid)
    return h(
      'p',
      { class: 'state ok' },
      `✓ Valid: targets ${checked.targets.join(', ')}; scenarios ${checked.scenarios.join(', ')}.`,
    );
  const source = text.split('\n');
  return h(
    'ol',
    { class: 'faults' },
    checked.issues.map(({ line, text: issue }) =>
      h(
        'li',
        { key: issue },
        line !== null && h('pre', null, `${line} │ ${source[line - 1] ?? ''}`),
        h('p', { class: 'bad' }, issue),
      ),
    ),
  );
}
