import { h, type ComponentChild as View } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { formatDuration } from '../core/duration.ts';
import { formatCount } from '../core/number.ts';
import { adviceFor } from './advice.ts';
import { type Health, healthOf, type Issue, lostHealth, VERDICTS } from './health.ts';
import { Plots } from './plots.ts';
import { limitsOf, type State, shownFacts } from './state.ts';
import { Events, Table, Time } from './tables.ts';
import { lastedText, sinceText } from './times.ts';
import { bytesText, NONE, valueText } from './value-text.ts';
import type { ActiveRun, FailedStream, OpenStream, RunWindow, Summary } from './wire.ts';

/** Returns the health of a state; `null`: nothing is known yet. */
export function useHealth({ status, thresholds, run, failures, connection, heardMs }: State): Health | null {
  return useMemo(() => {
    if (status === null) return null;
    if (connection === 'lost') return lostHealth(heardMs);
    return healthOf({ status, thresholds, failures, windows: run?.windows ?? [] });
  }, [status, thresholds, run, failures, connection, heardMs]);
}

/** The view of now: is all well, since when not, which target, what to do. */
export function Now({ state, health }: { readonly state: State; readonly health: Health }): View {
  const [chosen, setChosen] = useState<string | null>(null);
  const { status, run, silent, failures } = state;
  const facts = shownFacts(state);
  const windows = run?.windows ?? [];
  const active = status?.run ?? null;
  const target = chosen !== null && facts?.targets.includes(chosen) ? chosen : null;
  const limits = limitsOf(state);
  return h(
    'div',
    null,
    h(Banner, { health }),
    active !== null && h(RunLine, { run: active, verdict: state.verdict }),
    active !== null && h(Tiles, { run: active }),
    active !== null && h(Targets, { run: active, health, chosen: target, onChoose: setChosen }),
    active === null && status?.last != null && h(Previous, { last: status.last }),
    facts !== null &&
      h(Plots, {
        key: facts.id,
        title: facts.active ? 'Over the whole run' : 'The previous run',
        windows,
        targets: facts.targets,
        events: facts.events,
        gaps: facts.gaps,
        chosen: target,
        onChoose: setChosen,
        limits,
        empty:
          status?.history === null
            ? 'No history is kept, so there is nothing to plot. Start soakd with --data.'
            : run?.complete === true
              ? 'The first window of 10 s has not ended yet.'
              : 'Loading …',
      }),
    active !== null && h(Streams, { silent, failures }),
    active !== null && h(Generator, { run: active, windows }),
    facts !== null && h(Events, { events: facts.events }),
  );
}

const SIGNS: Readonly<Record<Health['level'], string>> = {
  ok: '✓',
  warn: '!',
  bad: '✕',
  paused: '‖',
  idle: '○',
};

function Banner({ health }: { readonly health: Health }): View {
  const { level, word, reason, sinceAt, issues } = health;
  const [first, ...rest] = issues;
  const isIssue = first !== undefined && level === first.severity && word !== 'Nothing runs';
  return h(
    'section',
    { class: `banner ${level}`, 'aria-labelledby': 'health' },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[level]),
    h(
      'div',
      null,
      h(
        'h1',
        { id: 'health' },
        word,
        sinceAt !== null && h('small', null, ` ${sinceText(sinceAt, Date.now())}`),
      ),
      // Apart from the heading, whose time changes each second.
      h('p', { class: 'unseen', role: 'status' }, word),
      h('p', { class: 'reason' }, reason),
      isIssue && h('p', { class: 'action' }, h('b', null, 'What to do: '), first.action),
      (isIssue ? rest : issues).length > 0 &&
        h(
          'ul',
          { class: 'issues', 'aria-label': 'Further issues' },
          (isIssue ? rest : issues).map((issue) =>
            h(IssueLine, { issue, key: `${issue.target} ${issue.text}` }),
          ),
        ),
    ),
  );
}

function IssueLine({ issue }: { readonly issue: Issue }): View {
  const { severity, target, text, sinceAt, action } = issue;
  return h(
    'li',
    { class: severity },
    h('b', null, target ?? 'soakd'),
    `: ${text}`,
    sinceAt !== null && ` ${sinceText(sinceAt, Date.now())}`,
    h('span', { class: 'muted' }, ` ${action}`),
  );
}

function RunLine({ run, verdict }: { readonly run: ActiveRun; readonly verdict: State['verdict'] }): View {
  const { progress: p } = run;
  const left =
    p.state === 'draining'
      ? `at most ${lastedText(p.drainMs ?? 0)} for open streams`
      : `${lastedText(p.leftMs)} left`;
  return h(
    'section',
    { class: 'runline', 'aria-label': 'Current run' },
    h(
      'p',
      null,
      h('b', null, run.scenario),
      h('span', { class: 'muted' }, ` ${run.id}`),
      ` · stage ${p.stage + 1} of ${p.stages}`,
      p.turn !== null && ` (${p.turn})`,
      ` · ${lastedText(p.elapsedMs)} elapsed, `,
      h('b', null, left),
    ),
    verdict !== null &&
      h(
        'p',
        null,
        'Verdict so far: ',
        h('b', { class: `state ${VERDICTS[verdict.result].level}` }, VERDICTS[verdict.result].word),
        `, ${verdict.reason}`,
      ),
    h('progress', { max: 1, value: p.done, 'aria-label': 'Elapsed share of the planned time' }),
  );
}

function Tiles({ run: { progress: p } }: { readonly run: ActiveRun }): View {
  const ms = (value: number | null): string => valueText(value, 'ms');
  const tiles = [
    ['Open / desired', `${formatCount(p.active)} / ${formatCount(p.desired)}`, 'streams'],
    ['Success', valueText(p.success, 'ratio'), `${formatCount(p.failed)} failed in the last 10 s`],
    ['TTFB p95', ms(p.ttfbP95Ms), `p50 ${ms(p.ttfbP50Ms)}, last 10 s`],
    ['Chunks', formatCount(p.chunksPerSecond), 'per second'],
    ['Measurement error', ms(p.measurementErrorMs?.p99 ?? null), 'p99, last 10 s'],
  ] as const;
  return h(
    'dl',
    { class: 'tiles' },
    tiles.map(([name, value, note]) =>
      h(
        'div',
        { key: name },
        h('dt', null, name),
        h('dd', null, h('b', null, value), h('small', null, note)),
      ),
    ),
  );
}

type TargetProgress = ActiveRun['progress']['targets'][number];

function Targets({
  run,
  health,
  chosen,
  onChoose,
}: {
  readonly run: ActiveRun;
  readonly health: Health;
  readonly chosen: string | null;
  readonly onChoose: (target: string | null) => void;
}): View {
  const issueOf = (name: string): Issue | undefined => health.issues.find(({ target }) => target === name);
  return h(
    'section',
    { 'aria-labelledby': 'targets' },
    h('h2', { id: 'targets' }, 'Targets'),
    h(Table<TargetProgress>, {
      caption: 'Targets of the run',
      columns: [
        {
          head: 'Target',
          cell: ({ name }) =>
            run.progress.targets.length === 1
              ? name
              : h(
                  'button',
                  {
                    type: 'button',
                    class: 'link',
                    'aria-pressed': chosen === name ? 'true' : 'false',
                    onClick: () => onChoose(chosen === name ? null : name),
                  },
                  name,
                ),
        },
        {
          head: 'State',
          cell: ({ name }) => {
            const issue = issueOf(name);
            return h(
              'span',
              { class: `state ${issue?.severity ?? 'ok'}` },
              `${SIGNS[issue?.severity ?? 'ok']} ${issue?.text ?? 'healthy'}`,
            );
          },
        },
        {
          head: 'Open / desired',
          number: true,
          cell: ({ active: a, desired }) =>
            `${formatCount(a.connecting + a.waiting + a.streaming)} / ${formatCount(desired)}`,
        },
        { head: 'Started', number: true, cell: ({ started }) => formatCount(started) },
        { head: 'Succeeded', number: true, cell: ({ finished }) => formatCount(finished.success) },
        { head: 'Failed', number: true, cell: ({ finished }) => formatCount(finished.failed) },
        { head: 'TTFB p95, 10 s', number: true, cell: ({ ttfbP95Ms }) => valueText(ttfbP95Ms, 'ms') },
      ],
      rows: run.progress.targets,
      id: ({ name }) => name,
    }),
  );
}

function Previous({ last }: { readonly last: Summary }): View {
  return h(
    'p',
    { class: 'runline' },
    'Previous run: ',
    h('b', null, last.run.scenario),
    h('span', { class: 'muted' }, ` ${last.run.id}`),
    ` · lasted ${formatDuration(last.run.lastedMs)} · ${formatCount(last.streams.started)} streams started, ${valueText(last.successRatio, 'ratio')} succeeded · `,
    h('a', { href: `#/runs/${last.run.id}` }, 'Thresholds, failures and report'),
  );
}

function Streams({
  silent,
  failures,
}: {
  readonly silent: readonly OpenStream[];
  readonly failures: readonly FailedStream[];
}): View {
  return h(
    'div',
    { class: 'pair' },
    h(
      'section',
      { 'aria-labelledby': 'failures' },
      h('h2', { id: 'failures' }, 'Latest failed streams'),
      h(Failures, { failures }),
    ),
    h(
      'section',
      { 'aria-labelledby': 'silent' },
      h('h2', { id: 'silent' }, 'Silent open streams'),
      silent.length === 0
        ? h('p', { class: 'muted' }, 'None: every open stream sends.')
        : h(Table<OpenStream>, {
            caption: 'Open streams that are silent, the longest silence first',
            columns: [
              { head: 'Target', cell: ({ target }) => target },
              { head: 'Silent for', number: true, cell: ({ silenceMs }) => formatDuration(silenceMs) },
              { head: 'Age', number: true, cell: ({ ageMs }) => formatDuration(ageMs) },
              { head: 'Phase', cell: ({ phase }) => phase },
              { head: 'Chunks', number: true, cell: ({ chunks }) => formatCount(chunks) },
            ],
            rows: silent,
            id: ({ id }) => id,
          }),
    ),
  );
}

/** Failed streams by target and outcome, each with what it means and what to do. */
export function Failures({ failures }: { readonly failures: readonly FailedStream[] }): View {
  if (failures.length === 0) return h('p', { class: 'muted' }, 'No stream has failed.');
  const groups = [...Map.groupBy(failures, (f) => `${f.target}: ${f.outcome}`)];
  return h(
    'ul',
    { class: 'failures' },
    groups.map(([name, group]) => {
      const [latest] = group;
      const { meaning, action } = adviceFor(latest!.outcome);
      return h(
        'li',
        { key: name },
        h('b', null, name),
        ` ${meaning} `,
        h('span', { class: 'todo' }, action),
        h(
          'ul',
          { class: 'muted small' },
          group
            .slice(0, 3)
            .map(({ id, startedAt, status, detail, durationMs }) =>
              h(
                'li',
                { key: id },
                h(Time, { at: startedAt }),
                ` after ${formatDuration(durationMs)}${status === undefined ? '' : `, status ${status}`}${detail === undefined || detail === `status ${status}` ? '' : `: ${detail}`}`,
              ),
            ),
        ),
      );
    }),
  );
}

function Generator({
  run,
  windows,
}: {
  readonly run: ActiveRun;
  readonly windows: readonly RunWindow[];
}): View {
  const last = windows.at(-1);
  const lasted = last === undefined ? 0 : Date.parse(last.toAt) - Date.parse(last.fromAt);
  const unreliable = windows.reduce((sum, w) => sum + w.measurementQuality.unreliable, 0);
  const all = windows.reduce((sum, w) => sum + w.measurementQuality.windows, 0);
  const facts = [
    ['CPU', lasted > 0 ? `${(last!.generator.cpuMs / lasted).toFixed(2)} cores` : NONE],
    ['Memory', last === undefined ? NONE : bytesText(last.generator.rssBytes)],
    ['Measurement error p99', valueText(run.progress.measurementErrorMs?.p99, 'ms')],
    ['Unreliable windows', `${formatCount(unreliable)} of ${formatCount(all)}`],
  ] as const;
  return h(
    'section',
    { 'aria-labelledby': 'generator' },
    h('h2', { id: 'generator' }, 'Generator health'),
    h(
      'dl',
      { class: 'facts' },
      facts.map(([name, value]) => h('div', { key: name }, h('dt', null, name), h('dd', null, value))),
    ),
  );
}
