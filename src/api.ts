/**
 * Types of the JSON that soakd emits: `import type { Summary } from 'soakd'`. soakd is a program, not a library, and
 * exports nothing else.
 */

export type { OpenStream } from './core/open-stream.ts';
export type { Check, DoctorReport } from './doctor/check.ts';
export type { Problem } from './http/problem.ts';
export type { RunView as Run, StatusView as Status, StreamResultView as StreamResult } from './http/views.ts';
export type { ProbeReport } from './probe/report.ts';
export type { CapacityResult, CapacityStep } from './schema/capacity.ts';
export type { FailureGroup, RunTarget, Summary } from './schema/summary.ts';
