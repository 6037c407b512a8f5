import type { DashboardOptions } from './dashboard-options.ts';
import { ONE_TARGET } from './expressions.ts';
import { advice, limitLines } from './limit-lines.ts';
import type { LinesSpec } from './panel-spec.ts';

const NO_VALUE = 'no node_exporter for this target';
/** node_exporter is usually scraped less often than soakd. */
const SCRAPE_SECONDS = 15;

/** Returns the panels on the host of the target, from node_exporter. A host without a label `target` is shown for every target. */
export function hostPanels({ settings, hostJob }: DashboardOptions): LinesSpec[] {
  const host = `job="${hostJob}", target=~"$target|"`;
  const share = (title: string, ids: string[], expr: string, description: string): LinesSpec => {
    const limits = limitLines(ids, settings, ONE_TARGET);
    return {
      kind: 'lines',
      title,
      description,
      unit: 'percentunit',
      max: 1,
      noValue: NO_VALUE,
      scrapeSeconds: SCRAPE_SECONDS,
      limits: limits.steps,
      queries: [{ expr, legend: '{{instance}}' }, ...limits.queries],
    };
  };
  const network = (way: string) =>
    `sum by (instance, device) (rate(node_network_${way}_bytes_total{${host}, device!~"veth.*"}[$__rate_interval]))`;
  return [
    share(
      'CPU',
      ['target-cpu'],
      `1 - avg by (instance) (sum without (mode) (rate(node_cpu_seconds_total{${host}, mode=~"idle|iowait"}[$__rate_interval])))`,
      `Share of the CPU in use on the host. ${advice('SoakTargetCpuHigh')}`,
    ),
    share(
      'Memory',
      ['target-memory'],
      `1 - node_memory_MemAvailable_bytes{${host}} / node_memory_MemTotal_bytes{${host}}`,
      `Share of the memory in use on the host. ${advice('SoakTargetMemoryHigh')}`,
    ),
    {
      kind: 'lines',
      title: 'Network',
      description: `Bytes a second, by device. The alert compares with the speed of the link, where that is known. ${advice('SoakTargetNetworkHigh')}`,
      unit: 'Bps',
      noValue: NO_VALUE,
      scrapeSeconds: SCRAPE_SECONDS,
      queries: [
        { expr: network('receive'), legend: '{{instance}} {{device}} in' },
        { expr: network('transmit'), legend: '{{instance}} {{device}} out' },
      ],
    },
  ];
}
