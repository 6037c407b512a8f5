import type { Machine } from '../../machine/machine.ts';
import type { Pace } from '../../machine/pace.ts';
import { type Check, count, stateOf, unknown } from '../check.ts';

/** Read by the process itself; any other is a call into the kernel, or to a chip. */
const FAST_SOURCES = [
  'tsc',
  'kvm-clock',
  'arch_sys_counter',
  'hyperv_clocksource_tsc_page',
  'timebase',
  'tod',
];
/** A stream reads the clock a few times for each chunk, ns. */
const SLOW_NS = 1000;

export function clockCheck({ clockSource }: Machine, { clockReadNs }: Pace): Check {
  const slow = clockReadNs > SLOW_NS;
  const odd = clockSource !== undefined && !FAST_SOURCES.includes(clockSource);
  return {
    name: 'clock',
    state: stateOf({ warn: slow || odd }),
    found: `${clockSource === undefined ? 'its source is not known here' : `source ${clockSource}`}, ${count(clockReadNs)} ns for a reading`,
    wanted: `tsc, or another that needs no call; at most ${count(SLOW_NS)} ns`,
    advice:
      slow || odd
        ? [
            'cat /sys/devices/system/clocksource/clocksource0/available_clocksource names the others; dmesg | grep -i clocksource says why it is not tsc',
          ]
        : [],
  };
}

/** Durations do not rest on it: they come from the monotonic clock. */
export function calendarCheck({ timeSync, platform }: Machine): Check {
  const name = 'calendar';
  if (platform !== 'linux') return unknown(name, `nothing is known of it on ${platform}`);
  if (timeSync === undefined) {
    return unknown(
      name,
      'no sign of systemd-timesyncd, chronyd or ntpd; a container or virtual machine may take it from its host. Only times of day in logs and results rest on it',
    );
  }
  const { by, done } = timeSync;
  const ask = by === 'chronyd' ? 'chronyc tracking' : 'ntpq -p';
  return {
    name,
    state: 'ok',
    found: done ? `kept in step by ${by}` : `${by} runs; ${ask} tells whether it is in step`,
    advice: [],
  };
}
