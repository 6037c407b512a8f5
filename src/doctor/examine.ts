import type { Machine } from '../machine/machine.ts';
import type { Pace } from '../machine/pace.ts';
import type { Check } from './check.ts';
import { calendarCheck, clockCheck } from './checks/clock.ts';
import { backlogCheck, conntrackCheck, portCheck } from './checks/network.ts';
import { descriptorCheck, nodeCheck, threadCheck } from './checks/process.ts';
import { cpuCheck, memoryCheck, paceCheck } from './checks/resources.ts';
import type { Need } from './need.ts';

/** Checks every resource that could run short; returns one check for each. */
export function examine(machine: Machine, pace: Pace, need: Need): Check[] {
  return [
    nodeCheck(machine),
    descriptorCheck(machine, need),
    threadCheck(machine),
    portCheck(machine, need),
    backlogCheck(machine, need),
    conntrackCheck(machine, need),
    memoryCheck(machine, need),
    cpuCheck(machine, need),
    paceCheck(pace),
    clockCheck(machine, pace),
    calendarCheck(machine),
  ].filter((check) => check !== undefined);
}
