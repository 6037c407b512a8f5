import { type ComponentChildren, h, type ComponentChild as View } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatCount } from '../core/number.ts';
import { readIfServed } from './api.ts';
import { Confirm } from './confirm.ts';
import { type Change, effectOf } from './effects.ts';
import type { State } from './state.ts';
import { Events } from './tables.ts';
import { lastedText } from './times.ts';
import type { ActiveRun, KeptRunDetail } from './wire.ts';

/** Starts and changes runs. */
export function Control({
  state,
  operate,
  changed,
}: {
  readonly state: State;
  readonly operate: boolean;
  readonly changed: () => void;
}): View {
  const [asked, setAsked] = useState<Change | null>(null);
  const [done, setDone] = useState('');
  const status = state.status!;
  const { run } = status;
  const effect = asked === null ? null : effectOf(asked, run);
  return h(
    'div',
    null,
    h('h1', null, 'Control ', run !== null && h('small', null, `${run.scenario}, ${run.state}`)),
    !operate &&
      h('p', { class: 'banner warn' }, 'Your token has the role read: you can see runs, and change nothing.'),
    h('p', { role: 'status', class: 'done' }, done),
    run === null
      ? h(Start, {
          scenarios: status.scenarios,
          operate,
          starting: status.state === 'starting',
          ask: setAsked,
        })
      : h(ChangeRun, { run, operate, ask: setAsked }),
    run !== null && h(Events, { events: run.events, limit: 50 }),
    effect !== null &&
      h(Confirm, {
        effect,
        onClose: () => setAsked(null),
        onDone: () => {
          setAsked(null);
          setDone(`Done: ${effect.question.replace(/\?$/, '')}.`);
          changed();
        },
      }),
  );
}

type Ask = (change: Change) => void;

/** A field with its label, and its text. */
function Field({
  label,
  value,
  onInput,
  hint,
  ...more
}: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
  readonly hint?: string;
  readonly inputMode?: 'numeric' | 'decimal';
}): View {
  return h(
    'label',
    { class: 'field' },
    h('span', null, label),
    h('input', {
      type: 'text',
      value,
      onInput: (event: Event) => onInput((event.target as HTMLInputElement).value),
      ...more,
    }),
    hint !== undefined && h('small', null, hint),
  );
}

/** A form that asks for a confirmation. */
function Form({
  title,
  button,
  operate,
  severe = false,
  ask,
  children,
}: {
  readonly title: string;
  readonly button: string;
  readonly operate: boolean;
  readonly severe?: boolean;
  readonly ask: () => void;
  readonly children?: ComponentChildren;
}): View {
  const submit = (event: Event): void => {
    event.preventDefault();
    ask();
  };
  return h(
    'form',
    { class: 'card', onSubmit: submit, 'aria-label': title },
    h('h2', null, title),
    h(
      'fieldset',
      { disabled: !operate },
      children,
      h('button', { type: 'submit', class: severe ? 'severe' : 'main' }, button),
    ),
  );
}

function Start({
  scenarios,
  operate,
  starting,
  ask,
}: {
  readonly scenarios: readonly string[];
  readonly operate: boolean;
  readonly starting: boolean;
  readonly ask: Ask;
}): View {
  const [scenario, setScenario] = useState(scenarios[0] ?? '');
  const [users, setUsers] = useState('');
  const [rate, setRate] = useState('');
  const [length, setLength] = useState('');
  const [warmUp, setWarmUp] = useState('');
  if (starting) return h('p', null, 'soakd prepares a run …');
  return h(
    Form,
    {
      title: 'Start a scenario',
      button: 'Start …',
      operate,
      ask: () => ask({ action: 'start', scenario, users, rate, for: length, warmUp }),
    },
    h(
      'label',
      { class: 'field' },
      h('span', null, 'Scenario'),
      h(
        'select',
        {
          value: scenario,
          onChange: (event: Event) => setScenario((event.target as HTMLSelectElement).value),
        },
        scenarios.map((name) => h('option', { key: name, value: name }, name)),
      ),
    ),
    h(
      'details',
      null,
      h('summary', null, 'Change it for this run only'),
      h(Field, {
        label: 'Virtual users',
        value: users,
        onInput: setUsers,
        hint: 'closed model, for example 50',
        inputMode: 'numeric',
      }),
      h(Field, {
        label: 'Streams per second',
        value: rate,
        onInput: setRate,
        hint: 'open model, for example 2.5',
        inputMode: 'decimal',
      }),
      h(Field, { label: 'For', value: length, onInput: setLength, hint: 'for example 10m or 1h30m' }),
      h(Field, { label: 'Warm-up', value: warmUp, onInput: setWarmUp, hint: 'for example 30s' }),
    ),
  );
}

/** Returns the load model of the active run; `null`: not known. */
function useModel(id: string): 'closed' | 'open' | null {
  const [model, setModel] = useState<'closed' | 'open' | null>(null);
  useEffect(() => {
    readIfServed<KeptRunDetail>(`/api/v1/runs/${encodeURIComponent(id)}`).then(
      (run) => setModel(run?.setup?.model?.kind ?? null),
      // The form shows both fields then.
      () => setModel(null),
    );
  }, [id]);
  return model;
}

function ChangeRun({
  run,
  operate,
  ask,
}: {
  readonly run: ActiveRun;
  readonly operate: boolean;
  readonly ask: Ask;
}): View {
  const [users, setUsers] = useState('');
  const [rate, setRate] = useState('');
  const [grace, setGrace] = useState('');
  const [by, setBy] = useState('10m');
  const [stopGrace, setStopGrace] = useState('');
  const model = useModel(run.id);
  const { progress: p } = run;
  const paused = p.state === 'paused';
  if (p.state === 'draining')
    return h(
      'p',
      null,
      `The run ends: ${formatCount(p.active)} streams are still open, for at most ${lastedText(p.drainMs ?? 0)}.`,
    );
  const set = (): void =>
    ask(
      model === 'open' || (model === null && rate !== '')
        ? { action: 'set', rate }
        : { action: 'set', users, grace },
    );
  return h(
    'div',
    { class: 'cards' },
    h(
      Form,
      { title: 'Load', button: 'Change the load …', operate, ask: set },
      h(
        'p',
        { class: 'muted' },
        `Now ${formatCount(p.desired)} desired, ${formatCount(p.active)} open, stage ${p.stage + 1} of ${p.stages}.`,
      ),
      model !== 'open' &&
        h(Field, {
          label: 'Virtual users',
          value: users,
          onInput: setUsers,
          inputMode: 'numeric',
          hint: 'for the rest of the stage',
        }),
      model !== 'closed' &&
        h(Field, {
          label: 'Streams per second',
          value: rate,
          onInput: setRate,
          inputMode: 'decimal',
          hint: 'for the rest of the stage',
        }),
      model !== 'open' &&
        h(Field, {
          label: 'Grace period',
          value: grace,
          onInput: setGrace,
          hint: 'empty: excess streams end by themselves',
        }),
    ),
    h(
      Form,
      {
        title: paused ? 'Resume' : 'Pause',
        button: paused ? 'Resume …' : 'Pause …',
        operate,
        ask: () => ask({ action: paused ? 'resume' : 'pause' }),
      },
      h(
        'p',
        { class: 'muted' },
        paused
          ? 'The plan continues where it was paused.'
          : 'Starts no new streams, and stops the clock of the plan.',
      ),
    ),
    h(
      Form,
      { title: 'Extend', button: 'Extend …', operate, ask: () => ask({ action: 'extend', by }) },
      h(Field, { label: 'By', value: by, onInput: setBy, hint: `${lastedText(p.leftMs)} are left` }),
    ),
    h(
      Form,
      { title: 'Skip', button: 'Skip this stage …', operate, ask: () => ask({ action: 'skip' }) },
      h(
        'p',
        { class: 'muted' },
        p.stage + 1 < p.stages
          ? `Stage ${p.stage + 2} of ${p.stages} starts at once.`
          : 'This is the last stage: the run ends.',
      ),
    ),
    h(
      Form,
      {
        title: 'Stop',
        button: 'Stop the run …',
        operate,
        severe: true,
        ask: () => ask({ action: 'stop', grace: stopGrace }),
      },
      h(Field, { label: 'Grace period', value: stopGrace, onInput: setStopGrace, hint: 'empty: 8s' }),
    ),
  );
}
