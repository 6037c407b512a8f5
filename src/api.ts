/**
 * What soakd tells other programs, as types: `import type { Summary } from 'soakd'`. It is a program and no library,
 * so there is nothing else to import.
 */
export type { OpenStream } from './core/open-stream.ts';
export type { Check, DoctorReport } from './doctor/check.ts';
export type { Problem } from './http/problem.ts';
export type { RunView as Run, StatusView as Status, StreamResultView as StreamResult } from './http/views.ts';
export type { ProbeReport } from './probe/report.ts';
export type { FailureGroup, Summary } from './report/summary.ts';
