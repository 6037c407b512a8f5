import { HOUR_MS } from '../../core/clock.ts';
import { isSequence } from '../../report/turns.ts';
import type { Summary } from '../../schema/summary.ts';
import { eachRun, heading, list, paragraph, type RunPart } from '../blocks.ts';
import type { ReportedTable, SectionRecord } from '../input.ts';
import { jumpText, type LoadPattern, patternOf } from '../load-pattern.ts';
import { risksOfTable } from '../risks-of-table.ts';
import { countText, msText, numberText, plural, shareText, someOf, wereText } from '../text.ts';
import { isOnThisMachine } from '../this-machine.ts';

export const method: SectionRecord = {
  id: 'method',
  title: 'Strengths and limits of the method',
  make: (input) => eachRun(input, ({ summary }) => methodOf(summary), tableMethod),
};

/** How the values of a table were measured is not known: all that follows are its limits. */
function tableMethod(table: ReportedTable): RunPart {
  const limits = risksOfTable(table).map((risk) => `${capital(risk.text)}.`);
  return {
    blocks: [
      paragraph('How the values were measured is known only from what the table states.'),
      heading('Limits'),
      list(limits),
    ],
    values: { limits },
  };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Facts on what the run can show. */
interface MethodFacts {
  readonly simulator: boolean;
  readonly loopback: boolean;
  readonly machines: 1;
  readonly measuredMs: number;
  readonly spikes: boolean;
  /** The largest rise of the load at once, for people; `null`: none. */
  readonly burst: string | null;
  /** Whether the load fell before its end. */
  readonly falls: boolean;
  readonly moreThanAnHour: boolean;
  readonly model: 'closed' | 'open';
}

function methodOf(summary: Summary): RunPart {
  const known = factsOf(summary);
  return {
    blocks: [
      heading('Strengths'),
      list(strengthsOf(summary, known)),
      heading('Limits'),
      list(limitsOf(summary, known)),
    ],
    values: known,
  };
}

function factsOf(summary: Summary): MethodFacts {
  const { setup, run } = summary;
  const isRate = setup.model.kind === 'open';
  const urls = setup.targets.map(({ url }) => url);
  const pattern: LoadPattern = patternOf(setup, summary.levels);
  const unit = isRate ? 'streams/s' : 'users';
  return {
    simulator: urls.some((url) => url === 'simulator'),
    loopback: urls.every(isOnThisMachine),
    machines: 1,
    measuredMs: run.measuredMs,
    spikes: pattern.hasSpikes,
    burst: jumpText(pattern, (load) => `${numberText(load)} ${unit}`, isRate),
    falls: pattern.falls,
    moreThanAnHour: run.measuredMs > HOUR_MS,
    model: setup.model.kind,
  };
}

function strengthsOf(
  { setup, measurementQuality, ttfbMs, loadDelivered, streams }: Summary,
  { model, spikes, burst, moreThanAnHour, measuredMs, loopback }: MethodFacts,
): string[] {
  const error = ttfbMs.measurementErrorMs;
  return [
    `How each stream ended was classified: ${plural(streams.results.success + streams.results.failed, 'stream')} succeeded or failed.`,
    ...(error === null
      ? []
      : [
          `soakd measured its own lag with streams of a known time: the p99 over the run is ${msText(error.p99)} (n = ${countText(error.count)}).`,
        ]),
    ...(measurementQuality.windows > 0 && measurementQuality.unreliable === 0
      ? [`No measurement window was unreliable (${plural(measurementQuality.windows, 'window')} of 5 s).`]
      : []),
    ...(loadDelivered.ratio !== null && loadDelivered.ratio >= loadDelivered.required
      ? [`${shareText(loadDelivered.ratio)} of the planned load was delivered.`]
      : []),
    ...(model === 'open' ? ['Arrivals did not wait for the target, as those of real users do not.'] : []),
    ...(isSequence(setup)
      ? ['The targets were loaded one after another, so none took machine or users from another.']
      : []),
    ...(setup.warmUpMs > 0
      ? [
          `The first ${msText(setup.warmUpMs)}${isSequence(setup) ? ' of each turn' : ''} were left out as warm-up.`,
        ]
      : []),
    ...(spikes ? ['The load had spikes.'] : []),
    ...(burst === null ? [] : [`Sudden rises were a part of the load: ${burst}.`]),
    ...(moreThanAnHour ? [`The load lasted ${msText(measuredMs)}.`] : []),
    ...(loopback ? [] : ['The targets were reached over a network.']),
  ];
}

function limitsOf(
  { setup, measurementQuality, run, loadDelivered, drift, streams }: Summary,
  { simulator, loopback, model, spikes, falls, moreThanAnHour, measuredMs }: MethodFacts,
): string[] {
  const simulated = setup.targets.filter(({ url }) => url === 'simulator').map(({ name }) => name);
  const { unreliable, windows } = measurementQuality;
  return [
    'One machine made the load; load from several machines was not tried.',
    ...(simulator
      ? [`${someOf(simulated)}: the built-in simulator of soakd. Its values say nothing about a real server.`]
      : []),
    ...(loopback
      ? [
          'All targets were on loopback: there was no network in between, and targets and soakd shared the CPUs of one machine.',
        ]
      : []),
    ...(unreliable > 0
      ? [
          `${unreliable} of ${windows} measurement windows ${wereText(unreliable)} unreliable: timings then include soakd's own lag.`,
        ]
      : []),
    ...(loadDelivered.ratio !== null && loadDelivered.ratio < loadDelivered.required
      ? [
          `Only ${shareText(loadDelivered.ratio)} of the planned load was delivered: the values are those of less load.`,
        ]
      : []),
    ...(model === 'closed'
      ? [
          'Each user waits for its stream before it starts the next (closed model): a slow target gets fewer streams.',
        ]
      : []),
    ...(spikes || falls
      ? []
      : [
          'The load never fell: a short spike on top of a running load, and recovery after it, were not tested.',
        ]),
    ...(moreThanAnHour
      ? []
      : [`The run measured ${msText(measuredMs)}: what shows only after more than an hour was not seen.`]),
    ...(streams.results.cancelled + streams.results.lost > 0
      ? [
          `soakd itself cut or lost ${plural(streams.results.cancelled + streams.results.lost, 'stream')}, which count as neither success nor failure.`,
        ]
      : []),
    ...(drift.evaluated === 0 ? ['Drift was not evaluated.'] : []),
    ...(run.gaps.length > 0 ? [`Nothing was measured in ${plural(run.gaps.length, 'gap')} of the run.`] : []),
  ];
}
