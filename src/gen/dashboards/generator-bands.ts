import { METRICS as M } from '../../catalog/metrics.ts';
import type { LimitSettings } from '../limits.ts';
import { ofSoakd, quantile, rate, SERVICE, series, sum } from './expressions.ts';
import { advice, limitLines } from './limit-lines.ts';
import type { Band, LinesSpec } from './panel-spec.ts';

const BY_INSTANCE = '{{instance}}';

function lag(title: string, metric: string, description: string): LinesSpec {
  return {
    kind: 'lines',
    title,
    description,
    unit: 's',
    queries: [
      { expr: quantile(0.5, metric, SERVICE, 'instance'), legend: `${BY_INSTANCE} p50` },
      { expr: quantile(0.99, metric, SERVICE, 'instance'), legend: `${BY_INSTANCE} p99` },
    ],
  };
}

/** Returns the panels that show whether soakd keeps up with its own load. */
export function lagBands(): Band[] {
  return [
    {
      height: 8,
      panels: [
        lag(
          'Measurement lag',
          M.measurementLag.name,
          'How late soakd reads a chunk, measured with a canary stream through the same client: the measurement error of every timing. What to do where it grows with the load: this is as much as this machine can measure; spread the load.',
        ),
        lag(
          'Event loop delay',
          M.eventLoopDelay.name,
          'How late timers of engine threads fire. What to do where it grows: TTFB and gaps are too long by about as much; add workers or instances.',
        ),
        lag(
          'Schedule lag',
          M.scheduleLag.name,
          'From the moment a stream was due to the moment its start was attempted. What to do where it grows: the load is not the planned one; add workers or instances.',
        ),
      ],
    },
    {
      height: 8,
      panels: [
        {
          kind: 'lines',
          title: 'What it carries',
          description:
            'Chunks read by each instance. What to do: compare with the lags above; where all rise together, this is the limit of the machine.',
          unit: 'cps',
          queries: [{ expr: sum(rate(M.chunks.name, SERVICE), 'instance'), legend: BY_INSTANCE }],
        },
        {
          kind: 'lines',
          title: 'Lost and dropped',
          description:
            'Streams that soakd lost, and starts for which no virtual user was free. What to do: lost ones point to descriptors, ports or a worker that died; dropped ones to a rate that maxUsers cannot hold.',
          unit: 'reqps',
          queries: [
            {
              expr: sum(rate(M.finished.name, SERVICE, 'result="lost"'), 'instance'),
              legend: `${BY_INSTANCE} lost`,
            },
            { expr: sum(rate(M.dropped.name, SERVICE), 'instance'), legend: `${BY_INSTANCE} dropped` },
          ],
        },
        {
          kind: 'lines',
          title: 'Worker restarts',
          description:
            'Engine threads that died and were replaced. The streams that each had open are lost, outside of every ratio, and its users come back at once. What to do: the log says why it died; a thread that dies four times within a minute ends the run.',
          unit: 'short',
          queries: [
            {
              expr: sum(`increase(${series(M.workerRestarts.name, SERVICE)}[$__rate_interval])`, 'instance'),
              legend: `${BY_INSTANCE} restarts`,
            },
          ],
        },
        {
          kind: 'lines',
          title: 'Unreliable windows',
          description:
            'Windows with timings that are unreliable because of the lag of soakd. What to do: timings of these windows are inconclusive; lower the load.',
          unit: 'short',
          queries: [
            {
              expr: sum(
                `increase(${series(M.unreliableWindows.name, SERVICE)}[$__rate_interval])`,
                'instance',
              ),
              legend: `${BY_INSTANCE} unreliable`,
            },
          ],
        },
      ],
    },
  ];
}

/** Returns the panels on the resources that soakd uses. */
export function useBands(settings: LimitSettings): Band[] {
  const own = (name: string) => series(name, SERVICE);
  return [
    {
      height: 8,
      panels: [
        {
          kind: 'lines',
          title: 'CPU',
          description: `Cores that soakd uses, and how many it may use. One worker uses one core at most. ${advice('SoakProcessCpuHigh')}`,
          unit: 'short',
          decimals: 2,
          queries: [
            { expr: ofSoakd(rate('process_cpu_seconds_total', SERVICE)), legend: BY_INSTANCE },
            { expr: own(M.cpuLimit.name), legend: `${BY_INSTANCE} limit`, dashed: 'red' },
          ],
        },
        {
          kind: 'lines',
          title: 'Memory',
          description: `Resident memory, and the part in the main thread’s heap and its buffers. ${advice('SoakProcessMemoryHigh')}`,
          unit: 'bytes',
          queries: [
            { expr: ofSoakd(own('process_resident_memory_bytes')), legend: `${BY_INSTANCE} resident` },
            { expr: ofSoakd(own('nodejs_heap_size_used_bytes')), legend: `${BY_INSTANCE} heap` },
            { expr: ofSoakd(own('nodejs_external_memory_bytes')), legend: `${BY_INSTANCE} external` },
            { expr: own(M.memoryLimit.name), legend: `${BY_INSTANCE} limit`, dashed: 'red' },
          ],
        },
        {
          kind: 'lines',
          title: 'File descriptors',
          description: `Share of the file descriptors that soakd may open; each stream needs one. ${advice('SoakFileDescriptorsHigh')}`,
          unit: 'percentunit',
          max: 1,
          limits: limitLines(['file-descriptors'], settings, SERVICE).steps,
          queries: [
            {
              expr: ofSoakd(`${own('process_open_fds')} / ${own('process_max_fds')}`),
              legend: BY_INSTANCE,
            },
          ],
        },
      ],
    },
    {
      height: 8,
      panels: [
        {
          kind: 'lines',
          title: 'Garbage collection',
          description:
            'Share of time that garbage collection pauses the main thread, by kind. What to do where it is above a few percent: give soakd more memory; if it grows at a steady load, report it.',
          unit: 'percentunit',
          queries: [
            {
              expr: ofSoakd(sum(rate('nodejs_gc_duration_seconds_sum', SERVICE), 'job', 'instance', 'kind')),
              legend: `${BY_INSTANCE} {{kind}}`,
            },
          ],
        },
        {
          kind: 'lines',
          title: 'Cost of a scrape',
          description:
            'How long soakd took to build the last scrape. What to do where it is above some tens of milliseconds: scrape less often, or have fewer targets in one configuration.',
          unit: 's',
          queries: [{ expr: series(M.collectDuration.name, SERVICE), legend: BY_INSTANCE }],
        },
        {
          kind: 'lines',
          title: 'Log',
          description:
            'Lines logged, by level. What to do: errors are soakd’s own; warnings are mostly streams that failed. GET /api/v1/failures shows those.',
          unit: 'short',
          colours: { warn: 'orange', error: 'red', fatal: 'dark-red' },
          queries: [
            {
              expr: sum(
                `increase(${series(M.logMessages.name, SERVICE, 'level=~"warn|error|fatal"')}[$__rate_interval])`,
                'level',
              ),
              legend: '{{level}}',
            },
          ],
        },
      ],
    },
  ];
}

/** Returns the panels on the service: configuration, runs and schedules. */
export function serviceBands(): Band[] {
  return [
    {
      height: 6,
      panels: [
        {
          kind: 'timeline',
          title: 'Configuration in effect',
          description:
            'Whether the last reload of the configuration succeeded. What to do where it failed: the previous configuration stays in effect; `soakd validate` lists the issues of the new one.',
          unit: 'none',
          queries: [{ expr: series(M.configReloaded.name, SERVICE), legend: BY_INSTANCE }],
          texts: [
            { value: 0, text: 'refused', colour: 'red' },
            { value: 1, text: 'as in the file', colour: 'green' },
          ],
        },
        {
          kind: 'timeline',
          title: 'Runs',
          description:
            'When each instance had an active run, and its version. What to do: nothing; the panel shows which run the values of a time belong to.',
          unit: 'none',
          queries: [
            {
              expr: `${series(M.runActive.name, SERVICE)} * on (job, instance) group_left (version) ${series(M.buildInfo.name, SERVICE)}`,
              legend: `${BY_INSTANCE}, soakd {{version}}`,
            },
          ],
          texts: [
            { value: 0, text: 'not running', colour: 'text' },
            { value: 1, text: 'running', colour: 'green' },
          ],
        },
        {
          kind: 'lines',
          isOpenBelow: true,
          title: 'Schedules',
          description: `When each schedule is due next, as time from now. ${advice('SoakScheduleMissed')}`,
          unit: 's',
          noValue: 'no schedules are configured',
          queries: [
            {
              expr: `${series(M.scheduleNext.name, SERVICE)} - time()`,
              legend: '{{schedule}}',
            },
          ],
        },
      ],
    },
  ];
}

/** Returns the panels on the history of runs, and on the gaps of resumed runs. */
export function historyBands(): Band[] {
  const grown = (name: string) => sum(`increase(${series(name, SERVICE)}[$__rate_interval])`, 'instance');
  return [
    {
      height: 6,
      panels: [
        {
          kind: 'lines',
          title: 'Size of the history',
          description:
            'Size of the history of runs on disk; 0 where none is kept. What to do where it grows too large: lower history.maxSize or history.maxAge; soakd then deletes the oldest runs that are not pinned.',
          unit: 'bytes',
          queries: [{ expr: series(M.historySize.name, SERVICE), legend: BY_INSTANCE }],
        },
        {
          kind: 'lines',
          title: 'Failed writes to the history',
          description: `Failed writes to the history of runs. What was not written is written with the next one that succeeds. ${advice('SoakHistoryFailing')}`,
          unit: 'short',
          queries: [{ expr: grown(M.historyWriteFailures.name), legend: BY_INSTANCE }],
        },
        {
          kind: 'lines',
          title: 'Resumes and gaps',
          description:
            'Runs that continued after the end of their process, and for how long soakd was not running. What to do: find out why the process ended; the log of the system names a process that was killed for its memory.',
          unit: 'short',
          queries: [
            { expr: grown(M.runResumes.name), legend: `${BY_INSTANCE} resumes` },
            { expr: grown(M.runGapSeconds.name), legend: `${BY_INSTANCE} seconds of gap` },
          ],
        },
      ],
    },
  ];
}
