import { braces, promNumber } from '../../promql/promql.ts';
import { any, duringAnyRun } from './expressions.ts';
import type { Measure } from './measure.ts';

/** What node_exporter says of the host of a target. */
export const HOST_MEASURES: readonly Measure[] = [
  {
    name: 'host-cpu',
    counted: 'samples',
    noun: () => 'share of the CPU in use on the host of the target',
    promql({ windowMs }, groups, { recordings, jobs }) {
      const window = recordings.window(windowMs);
      const crossed = any(groups, ({ matcher, limit }) => {
        // Over all modes and not over the number of cores: the counters of a host that has just appeared grow late.
        const spent = (...modes: string[]) => {
          const where = braces(`job="${jobs.host}"`, ...modes, matcher);
          return `sum without (cpu, mode) (rate(node_cpu_seconds_total${where}[${window}]))`;
        };
        return `1 - ${spent('mode=~"idle|iowait"')}\n/\n${spent()} > ${promNumber(limit)}`;
      });
      return duringAnyRun(recordings, crossed);
    },
  },
  {
    name: 'host-memory',
    counted: 'samples',
    noun: () => 'share of the memory in use on the host of the target',
    promql({ windowMs }, groups, { recordings, jobs }) {
      const window = recordings.window(windowMs);
      const crossed = any(groups, ({ matcher, limit }) => {
        const mean = (metric: string) =>
          `avg_over_time(${metric}${braces(`job="${jobs.host}"`, matcher)}[${window}])`;
        return `1 - ${mean('node_memory_MemAvailable_bytes')} / ${mean('node_memory_MemTotal_bytes')} > ${promNumber(limit)}`;
      });
      return duringAnyRun(recordings, crossed);
    },
  },
  {
    name: 'host-network',
    counted: 'samples',
    noun: () => 'share of the link speed in use on the host of the target',
    promql({ windowMs }, groups, { recordings, jobs }) {
      const window = recordings.window(windowMs);
      // node_exporter gives a speed of -1 or none where it is not known, as in virtual machines.
      const crossed = any(groups, ({ matcher, limit }) => {
        const where = braces(`job="${jobs.host}"`, matcher);
        const share = (way: string) =>
          `rate(node_network_${way}_bytes_total${where}[${window}]) / (node_network_speed_bytes${where} > 0) > ${promNumber(limit)}`;
        return `${share('transmit')}\nor\n${share('receive')}`;
      });
      return duringAnyRun(recordings, crossed);
    },
  },
];
