import type { Machine } from '../../machine/machine.ts';
import type { Pace } from '../../machine/pace.ts';
import { type Check, count, stateOf, unknown } from '../check.ts';

/** Clock sources that the process reads itself; any other needs a call into the kernel or to a chip. */
const FAST_SOURCES = [
  'tsc',
  'kvm-clock',
  'arch_sys_counter',
  'hyperv_clocksource_tsc_page',
  'timebase',
  'tod',
];
/** Time of a clock reading above which the check warns, ns: a stream reads the clock a few times for each chunk. */
const SLOW_NS = 1000;

export function clockCheck({ clockSource }: Machine, { clockReadNs }: Pace): Check {
  const slow = clockReadNs > SLOW_NS;
  const odd = clockSource !== undefined && !FAST_SOURCES.includes(clockSource);
  return {
    name: 'clock',
    state: stateOf({ warn: slow || odd }),
    found: `${clockSource === undefined ? 'unknown source' : `source ${clockSource}`}, ${count(clockReadNs)} ns per reading`,
    wanted: `tsc, or another source without a system call; at most ${count(SLOW_NS)} ns`,
    advice:
      slow || odd
        ? [
            'cat /sys/devices/system/clocksource/clocksource0/available_clocksource lists the others; dmesg | grep -i clocksource shows why it is not tsc',
          ]
        : [],
  };
}

/** Time synchronization affects no durations: they come from the monotonic clock. */
export function calendarCheck({ timeSync, platform }: Machine): Check {
  const name = 'calendar';
  if (platform !== 'linux') return unknown(name, `cannot be read on ${platform}`);
  if (timeSync === undefined) {
    return unknown(
      name,
      'found no systemd-timesyncd, chronyd or ntpd; a container or virtual machine may use the clock of its host. Affects schedules and timestamps, not durations',
    );
  }
  const { by, done } = timeSync;
  const ask = by === 'chronyd' ? 'chronyc tracking' : 'ntpq -p';
  return {
    name,
    state: 'ok',
    found: done ? `synchronized by ${by}` : `${by} runs; ${ask} shows whether the clock is synchronized`,
    advice: [],
  };
}
