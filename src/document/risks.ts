import { isLoopback } from '../core/loopback.ts';
import { stagesOfTurn } from '../core/sequence.ts';
import type { Summary } from '../report/summary.ts';
import { analysedIn, heldBy, loadText } from './analysed.ts';
import type { ReportedRun, ReportedTable, ReportInput } from './input.ts';
import { countText, msText, plural, shareText, someOf } from './text.ts';

/** Something that was seen, or that the report cannot say, and what to do about it. */
export interface Risk {
  /** `seen`: in the data. `untested`: what the load did not include. */
  readonly kind: 'seen' | 'untested';
  readonly of: string;
  readonly text: string;
  readonly next: string;
}

/** Below it a slow leak cannot show. */
const SHORT_MS = 3_600_000;

/** Returns the risks that follow from the data: each is a fact of a run or a table, none is a guess. */
export function risksIn(input: ReportInput): Risk[] {
  return [
    ...input.runs.flatMap(risksOfRun),
    ...input.tables.flatMap(risksOfTable),
    ...analysedIn(input).flatMap(({ name, subject }): Risk[] => {
      const held = heldBy(subject);
      if ('reason' in held)
        return [
          untested(
            name,
            `the capacity is not known: ${held.reason}`,
            'hold levels of constant load with a limit',
          ),
        ];
      const [first] = held.crossings;
      if (held.isAtLeast)
        return [
          untested(
            name,
            `no limit was crossed up to ${loadText(Math.max(...subject.levels.map((l) => l.load)), subject)}, so what gives first is not known`,
            'raise the load until a limit is crossed',
          ),
        ];
      if (first === undefined) return [];
      return [
        {
          kind: 'seen',
          of: name,
          text: `${first.limit.measure} crosses its ${first.limit.severity} limit at ${loadText(first.crossed, subject)}${first.held === null ? ', the lowest level' : ''}`,
          next:
            held.maximum === null
              ? 'hold lower loads to learn what it takes'
              : `keep each server at ${loadText(held.maximum, subject)} or below, or fix what gives first`,
        },
      ];
    }),
  ];
}

function untested(of: string, text: string, next: string): Risk {
  return { kind: 'untested', of, text, next };
}

function seen(of: string, text: string, next: string): Risk {
  return { kind: 'seen', of, text, next };
}

function risksOfRun({ name, summary }: ReportedRun): Risk[] {
  const { run, measurementQuality: quality, loadDelivered, setup, endReason, failures } = summary;
  const failed = failures.reduce((sum, f) => sum + f.count, 0);
  const local = setup.targets.filter((t) => isLocal(t.url));
  const simulated = setup.targets.filter((t) => t.url === 'simulator');
  const names = (targets: readonly { readonly name: string }[]): string => someOf(targets.map((t) => t.name));
  return [
    ...(failed === 0
      ? []
      : [
          seen(
            name,
            `${plural(failed, 'stream')} failed`,
            'see the failures, the most frequent outcome first',
          ),
        ]),
    ...(summary.outages.length === 0
      ? []
      : [
          seen(
            name,
            `${plural(summary.outages.length + summary.outagesOmitted, 'outage')}`,
            'see what the targets did at the time of the outages',
          ),
        ]),
    ...summary.drift.found.map((d) =>
      seen(name, d.text, 'hold the load for longer, and look for what grows'),
    ),
    ...(quality.unreliable === 0
      ? []
      : [
          seen(
            name,
            `${countText(quality.unreliable)} of ${plural(quality.windows, 'measurement window')} were unreliable: soakd itself was late`,
            'give soakd more CPU, or another machine than the target',
          ),
        ]),
    ...(loadDelivered.ratio === null || loadDelivered.ratio >= loadDelivered.required
      ? []
      : [
          seen(
            name,
            `only ${shareText(loadDelivered.ratio)} of the planned load was delivered`,
            'raise maxUsers, or give soakd more CPU',
          ),
        ]),
    ...(run.gaps.length === 0
      ? []
      : [
          seen(
            name,
            `the run was interrupted (${plural(run.gaps.length, 'gap')})`,
            'repeat the run without a gap',
          ),
        ]),
    ...(endReason === 'completed'
      ? []
      : [seen(name, `the run did not come to its planned end: ${endReason}`, endedNext(endReason))]),
    ...(run.measuredMs >= SHORT_MS
      ? []
      : [
          untested(
            name,
            `the run measured ${msText(run.measuredMs)}: a slow leak or a nightly job cannot show`,
            'hold the conservative load for hours',
          ),
        ]),
    ...(local.length === 0
      ? []
      : [
          untested(
            name,
            `the load came over loopback (${names(local)}): no latency, no loss, and the target shared the machine with soakd`,
            'repeat it over the network, or with soakd relay in between',
          ),
        ]),
    ...(simulated.length === 0
      ? []
      : [
          untested(
            name,
            `${names(simulated)} is a simulator, not a real server`,
            'repeat it against the real server',
          ),
        ]),
    untested(name, 'one machine generated the load', 'repeat it from several machines at once'),
    ...(isSpiky(summary)
      ? []
      : [
          untested(
            name,
            'the load never fell: recovery after a peak, and spikes, were not tested',
            'add a stage of shape spike',
          ),
        ]),
  ];
}

/** Returns what a table leaves open. */
export function risksOfTable({ name, subject }: ReportedTable): Risk[] {
  const knowsError = subject.levels.some((l) => Object.values(l.timings).some((t) => t?.errorMs != null));
  const loads = subject.levels.map((l) => l.load);
  return [
    ...(knowsError
      ? []
      : [
          untested(
            name,
            "the table states no measurement error: how much of a timing was the generator's own lag is not known",
            'repeat the levels with soakd run',
          ),
        ]),
    ...(subject.levels.some((l) => l.seconds !== null)
      ? []
      : [
          untested(
            name,
            'the table states no length of its levels: whether they were held long enough is not known',
            'hold each level for minutes',
          ),
        ]),
    ...(loads.some((load, i) => i > 0 && load < loads[i - 1]!)
      ? []
      : [
          untested(
            name,
            'the load never fell: recovery after a peak, and spikes, were not tested',
            'add a spike',
          ),
        ]),
  ];
}

function isLocal(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}

function endedNext(endReason: Summary['endReason']): string {
  return endReason === 'budget_spent'
    ? 'raise the budget, or shorten the run'
    : 'see the events for what ended it, and repeat the run';
}

/** A load that falls before its end shows how a target recovers; a ramp down to 0 does not. */
function isSpiky({ setup }: Summary): boolean {
  const falls = (levels: readonly number[]): boolean =>
    levels.some((load, i) => i > 0 && load > 0 && load < levels[i - 1]!);
  // The load of a sequence falls between its turns, for no target.
  const { targets, sequence } = setup;
  const stages = sequence ? stagesOfTurn({ targets, stages: setup.stages, sequence }) : setup.stages;
  const planned = stages.flatMap((stage) => {
    if (stage.shape === 'steps') return stage.levels;
    if (stage.shape === 'hold') return [stage.level];
    return stage.shape === 'ramp' ? [stage.from, stage.to] : [];
  });
  return stages.some((s) => s.shape === 'spike' || s.shape === 'sine') || falls(planned);
}
