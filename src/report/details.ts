import { OUTCOME_HELP } from '../catalog/outcomes.ts';
import { formatDuration } from '../core/duration.ts';
import type { Stats } from '../core/histogram.ts';
import { formatPercent, formatCount as number } from '../core/number.ts';
import { OUTCOMES } from '../core/outcome.ts';
import type { Summary } from '../schema/summary.ts';
import { thresholdText } from './reason.ts';
import { RESULT_MARKS } from './table.ts';
import { cpusText, wrapped } from './value-text.ts';

/** Times that are shown of each threshold. */
const MAX_ALERTS = 3;
/** Settings that are shown. */
const MAX_CHANGED = 20;

/** Returns the details that the short text omits. */
export function detailLines(summary: Summary): string[] {
  const { streams, generator, drift } = summary;
  const finished = OUTCOMES.filter((outcome) => streams.finished[outcome] > 0);
  return [
    '  Streams',
    ...finished.map(
      (o) => `  ${number(streams.finished[o]).padStart(11)}  ${o.padEnd(18)} ${OUTCOME_HELP[o]}`,
    ),
    ...(streams.active > 0 ? [`  ${number(streams.active).padStart(11)}  still open`] : []),
    '',
    `  ${'Timings'.padEnd(14)}${['count', 'mean', 'p50', 'p95', 'p99', 'max'].map((h) => h.padStart(10)).join('')}`,
    timing('connect', summary.connectMs),
    timing('headers', summary.headersMs),
    timing('TTFB', summary.ttfbMs),
    timing('TTFT', summary.ttftMs),
    timing('chunk gap', summary.gapMs),
    timing('TPOT', summary.tpotMs),
    timing('duration', summary.durationMs),
    timing('effective', summary.effectiveDurationMs),
    timing('schedule lag', summary.scheduleLagMs),
    '',
    '  Thresholds',
    ...summary.thresholds.flatMap(threshold),
    '',
    ...line(
      `Received: ${number(summary.chunks)} chunks in ${number(summary.reads)} reads, ${number(summary.bytes)} bytes, ${number(summary.contentCharacters)} characters of content.`,
    ),
    ...tokenLines(summary),
    ...(summary.tpotByChunks > 0
      ? [
          `  TPOT of ${number(summary.tpotByChunks)} streams is computed from chunks, since the target reported no tokens.`,
        ]
      : []),
    ...availabilityLines(summary),
    drift.evaluated === 0
      ? '  Drift: not evaluated; needs ten minutes of steady load.'
      : `  Drift: ${drift.found.length} found in ${number(drift.evaluated)} series.`,
    `  Generator: ${(generator.cpuMs / 1000).toFixed(1)} s CPU, peak memory ${(generator.rssMaxBytes / 1048576).toFixed(0)} MiB.`,
    ...setupLines(summary),
  ];
}

const line = (text: string): string[] => wrapped(text, '  ', '    ');

function timing(name: string, stats: Stats): string {
  const cells = [stats.mean, stats.p50, stats.p95, stats.p99, stats.max].map((v) =>
    v === null ? '–' : formatDuration(v),
  );
  return `  ${name.padEnd(14)}${[number(stats.count), ...cells].map((c) => c.padStart(10)).join('')}`;
}

function threshold(one: Summary['thresholds'][number]): string[] {
  const shown = one.alerts.slice(0, MAX_ALERTS).map(({ from, to }) => {
    const lasted =
      to === null ? 'to the end of the run' : `for ${formatDuration(Date.parse(to) - Date.parse(from))}`;
    return `        the alert of this limit would have fired at ${from} ${lasted}`;
  });
  const more = one.alerts.length - shown.length;
  return [
    ...wrapped(thresholdText(one), `    ${RESULT_MARKS[one.result]} `, '      '),
    ...shown,
    ...(more > 0 ? [`        and ${number(more)} times more`] : []),
  ];
}

function tokenLines({ inputTokens, outputTokens, estimatedOutputTokens }: Summary): string[] {
  if (inputTokens + outputTokens + estimatedOutputTokens === 0) return [];
  const estimate =
    estimatedOutputTokens === 0
      ? ''
      : `; estimated from characters for streams without a report: about ${number(estimatedOutputTokens)} more`;
  return line(`Tokens: ${number(inputTokens)} input, ${number(outputTokens)} output as reported${estimate}.`);
}

function availabilityLines({ targets }: Summary): string[] {
  return targets.flatMap(({ name, availability: { upMs, downMs, unknownMs, ratio } }) =>
    ratio === null
      ? []
      : line(
          `Availability of ${name}: ${formatPercent(ratio)} (up ${formatDuration(upMs)}, down ${formatDuration(downMs)}, unknown ${formatDuration(unknownMs)}).`,
        ),
  );
}

function setupLines({ setup }: Summary): string[] {
  const { command, configurationHash, machine, targets, changed } = setup;
  const settings = changed
    .slice(0, MAX_CHANGED)
    .flatMap(({ key, value }) => wrapped(`${key}: ${String(value)}`, '    ', '      '));
  return [
    '',
    '  Setup',
    ...(command === null ? [] : wrapped(command, '    ', '      ')),
    `    configuration ${configurationHash.slice(0, 16)}, seed ${setup.seed}, ${machine.platform}, ${cpusText(machine.cpuCores)}, ${(machine.memoryBytes / 1048576).toFixed(0)} MiB, Node ${setup.soakd.node}`,
    ...targets.flatMap(({ name, url, format, transport }) =>
      wrapped(`${name}: ${url}, ${format}${transport === null ? '' : `, ${transport}`}`, '    ', '      '),
    ),
    ...settings,
    ...(changed.length > MAX_CHANGED ? [`    and ${changed.length - MAX_CHANGED} more settings`] : []),
  ];
}
