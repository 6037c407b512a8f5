import { METRICS as M } from '../../catalog/metrics.ts';
import { shareRecord } from '../../measures/list.ts';
import { alertTimeline } from './alert-panels.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { max, min, ONE_TARGET, rate, SERVICE, series, sum } from './expressions.ts';
import type { DashboardSpec } from './frame.ts';
import { hostPanels } from './host-panels.ts';
import { advice } from './limit-lines.ts';
import type { Band, LinesSpec, TimelineSpec } from './panel-spec.ts';
import {
  durationPanel,
  outcomesPanel,
  phasesPanel,
  sharePanel,
  successPanel,
  timingPanel,
  ttfbHeatmap,
  type View,
} from './stream-panels.ts';
import { verdictRow } from './verdict-row.ts';

/** What is wrong with one target? */
export function target(options: DashboardOptions): DashboardSpec {
  const { settings, hostJob } = options;
  const view = { scope: ONE_TARGET, each: false, settings };
  return {
    uid: 'soak-target',
    title: 'soak target',
    description: 'What is wrong with one target: where its time goes, its responses, and its host.',
    targets: 'one',
    sections: [
      {
        heading: 'Verdict on $target',
        bands: [{ height: 5, panels: verdictRow(ONE_TARGET, false, options) }],
      },
      {
        heading: 'What users feel',
        bands: [
          { height: 8, panels: [successPanel(view), timingPanel('ttfb', view)] },
          { height: 8, panels: [ttfbHeatmap(view), phasesPanel(view)] },
          { height: 8, panels: [outcomesPanel(view), durationPanel(view)] },
          { height: 7, panels: sharePanels(view) },
          { height: 7, panels: [thresholdTimeline(), alertTimeline(hostJob)] },
        ],
      },
      { heading: 'Where the time goes', bands: timingBands(view) },
      { heading: 'What it answers', bands: answerBands() },
      { heading: 'Host of $target', bands: [{ height: 8, panels: hostPanels(options) }] },
    ],
  };
}

/** Where the configuration is known, and no target has an objective, there is no goodput to show. */
function sharePanels(view: View): LinesSpec[] {
  const { targets } = view.settings;
  const isCounted = targets.length === 0 || targets.some(({ objective }) => objective !== undefined);
  return (['goodput', 'buffered'] as const)
    .filter((name) => isCounted || shareRecord(name).needsObjective !== true)
    .map((name) => sharePanel(name, view));
}

/** Where several instances disagree, a limit that is crossed on one of them is crossed. */
function thresholdTimeline(): TimelineSpec {
  const state = series(M.thresholdState.name, ONE_TARGET);
  return {
    kind: 'timeline',
    title: 'Thresholds of the run',
    description:
      'State of each threshold during the run, evaluated by soakd with the limits of this target. Needs no rules in Prometheus. “Inconclusive”: the data are too few or unreliable. What to do where one is crossed: docs/alerts.md, under the alert of the same threshold.',
    unit: 'none',
    queries: [
      { expr: `${max(`${state} == 1`, 'threshold')} or ${max(state, 'threshold')}`, legend: '{{threshold}}' },
    ],
    texts: [
      { value: 0, text: 'ok', colour: 'green' },
      { value: 1, text: 'crossed', colour: 'red' },
      { value: 2, text: 'inconclusive', colour: 'orange' },
      { value: 3, text: 'no data', colour: 'text' },
    ],
  };
}

function timingBands(view: View): Band[] {
  return [
    { height: 8, panels: (['connect', 'headers', 'ttft'] as const).map((name) => timingPanel(name, view)) },
    {
      height: 8,
      panels: [
        timingPanel('gap', view),
        {
          kind: 'lines',
          title: 'Stalled streams',
          description: `Open streams without a byte for longer than the stall limit. ${advice('SoakStalledStreams')}`,
          unit: 'short',
          queries: [{ expr: sum(series(M.stalled.name, ONE_TARGET)), legend: 'stalled' }],
        },
        {
          kind: 'lines',
          title: 'Longest silence',
          description:
            'The longest time without a byte among the open streams. A line that rises steadily is a stream that hangs. What to do: GET /api/v1/streams?state=stalled names it.',
          unit: 's',
          queries: [{ expr: max(series(M.silence.name, ONE_TARGET)), legend: 'longest' }],
        },
      ],
    },
    {
      height: 8,
      panels: [
        timingPanel('effective', view),
        timingPanel('tpot', view),
        {
          kind: 'lines',
          isOpenBelow: true,
          title: 'Drift of timings',
          description: `Upward trend of TTFB and gap in seconds an hour; 0 where it is not significant. ${advice('SoakDrift')}`,
          unit: 's',
          queries: [{ expr: max(series(M.driftSeconds.name, ONE_TARGET), 'signal'), legend: '{{signal}}' }],
        },
      ],
    },
    {
      height: 8,
      panels: [
        {
          kind: 'lines',
          isOpenBelow: true,
          title: 'Drift of failures',
          description: `Upward trend of the failure ratio an hour; 0 where it is not significant. ${advice('SoakDrift')}`,
          unit: 'percentunit',
          queries: [{ expr: max(series(M.driftRatio.name, ONE_TARGET), 'signal'), legend: '{{signal}}' }],
        },
        {
          kind: 'lines',
          isOpenBelow: true,
          title: 'Drift of memory',
          description: `Upward trend of the memory of the target and of soakd in bytes an hour; 0 where it is not significant. ${advice('SoakDrift')}`,
          unit: 'bytes',
          queries: [
            {
              expr: max(series(M.driftBytes.name, `${SERVICE}, target=~"$target|"`), 'signal'),
              legend: '{{signal}}',
            },
          ],
        },
      ],
    },
  ];
}

function answerBands(): Band[] {
  const counted = (name: string) => sum(rate(name, ONE_TARGET));
  return [
    {
      height: 8,
      panels: [
        {
          kind: 'lines',
          title: 'Status codes',
          description:
            'Responses by status. What to do: 429 and 503 are a target that protects itself, lower the load; 401 and 403 are credentials, see the configuration; 404 is the URL; other 5xx are for the log of the target.',
          unit: 'reqps',
          stacked: true,
          many: true,
          queries: [{ expr: sum(rate(M.responses.name, ONE_TARGET), 'code'), legend: '{{code}}' }],
        },
        {
          kind: 'lines',
          title: 'Starts',
          description:
            'Streams that started, and streams that were due but not started. What to do where some are dropped: the target answers more slowly than the rate needs; raise maxUsers, or lower the rate.',
          unit: 'reqps',
          colours: { dropped: 'red' },
          queries: [
            { expr: counted(M.started.name), legend: 'started' },
            { expr: counted(M.dropped.name), legend: 'dropped' },
          ],
        },
        {
          kind: 'lines',
          title: 'Load delivered',
          description:
            'Delivered share of the planned load: starts made over starts due, or time that virtual users spent over planned time. Below 95 % a run cannot pass. What to do below 95 %: raise maxUsers, lower the rate, or give soakd more CPU.',
          unit: 'percentunit',
          max: 1,
          limits: [{ value: 0.95, colour: 'orange' }],
          queries: [{ expr: min(series(M.delivered.name, ONE_TARGET)), legend: 'delivered' }],
        },
      ],
    },
    {
      height: 8,
      panels: [
        {
          kind: 'lines',
          title: 'Bytes',
          description:
            'Bytes of bodies, after transfer decoding. What to do where it stays at 0 while streams are open: see “Stalled streams”.',
          unit: 'Bps',
          queries: [{ expr: counted(M.bytes.name), legend: 'received' }],
        },
        {
          kind: 'lines',
          title: 'Chunks',
          description:
            'Chunks, reads of a socket that held some, and comments that only keep a stream open. What to do where there are far more chunks than reads: something on the way gathers them, such as a proxy that buffers.',
          unit: 'cps',
          queries: [
            { expr: counted(M.chunks.name), legend: 'chunks' },
            { expr: counted(M.reads.name), legend: 'reads' },
            { expr: counted(M.keepalives.name), legend: 'keep-alives' },
          ],
        },
        {
          kind: 'lines',
          title: 'Tokens',
          description:
            'Input and output tokens a second, as the target reports them: at the end of its streams. What to do where output does not grow with the number of streams: the target is at its limit; see the time per output token.',
          unit: 'short',
          queries: [
            { expr: counted(M.outputTokens.name), legend: 'output' },
            { expr: counted(M.inputTokens.name), legend: 'input' },
          ],
        },
        {
          kind: 'lines',
          title: 'Users that back off',
          description:
            'Virtual users that back off after refusals and for Retry-After, on average. The load is lower than planned by as many users. What to do: see the status codes for the reason.',
          unit: 'short',
          queries: [{ expr: counted(M.backoff.name), legend: 'waiting' }],
        },
      ],
    },
  ];
}
