import type { AlertCases } from './case.ts';
import { errorBudgetBurn } from './cases/budget.ts';
import { driftAlert, streamDurationHigh } from './cases/duration.ts';
import { down, generatorSaturated, notMakingProgress } from './cases/generator.ts';
import { historyFailing } from './cases/history.ts';
import { targetCpuHigh, targetMemoryHigh, targetNetworkHigh } from './cases/host.ts';
import { fileDescriptorsHigh, processCpuHigh, processMemoryHigh } from './cases/process.ts';
import { scheduleMissed } from './cases/schedule.ts';
import { goodputLow, responsesBuffered } from './cases/shares.ts';
import { concurrencyHigh, stalledStreams } from './cases/streams.ts';
import { successBelowObjective, successRateLow } from './cases/success.ts';
import { chunkGapHigh, streamSlow, ttftHigh } from './cases/timings.ts';
import { ttfbHigh, ttfbMeanHigh } from './cases/ttfb.ts';
import { watchdog } from './cases/watchdog.ts';

/** All alerts, and what they are tried in. */
export const ALERT_CASES: readonly AlertCases[] = [
  successRateLow,
  successBelowObjective,
  errorBudgetBurn,
  ttfbHigh,
  ttfbMeanHigh,
  ttftHigh,
  chunkGapHigh,
  streamSlow,
  responsesBuffered,
  goodputLow,
  streamDurationHigh,
  driftAlert,
  stalledStreams,
  concurrencyHigh,
  down,
  notMakingProgress,
  generatorSaturated,
  processCpuHigh,
  processMemoryHigh,
  fileDescriptorsHigh,
  scheduleMissed,
  historyFailing,
  watchdog,
  targetCpuHigh,
  targetMemoryHigh,
  targetNetworkHigh,
];
