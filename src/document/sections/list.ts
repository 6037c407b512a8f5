import type { SectionRecord } from '../input.ts';
import { bottleneck } from './bottleneck.ts';
import { capacity } from './capacity.ts';
import { comparison } from './comparison.ts';
import { configuration } from './configuration.ts';
import { consistency } from './consistency.ts';
import { contradictions } from './contradictions.ts';
import { cost } from './cost.ts';
import { dataQuality } from './data-quality.ts';
import { deployment } from './deployment.ts';
import { events } from './events.ts';
import { executiveSummary } from './executive-summary.ts';
import { grades } from './grades.ts';
import { latencyProgression } from './latency-progression.ts';
import { levels } from './levels.ts';
import { margins } from './margins.ts';
import { metadata } from './metadata.ts';
import { method } from './method.ts';
import { monitoring } from './monitoring.ts';
import { nextSteps } from './next-steps.ts';
import { optimisation } from './optimisation.ts';
import { reliability } from './reliability.ts';
import { reproduce } from './reproduce.ts';
import { risks } from './risks.ts';
import { scalability } from './scalability.ts';
import { secondaryObservations } from './secondary-observations.ts';
import { throughput } from './throughput.ts';
import { timeline } from './timeline.ts';

/** Sections of a report, in their order. */
export const SECTIONS: readonly SectionRecord[] = [
  executiveSummary,
  margins,
  configuration,
  levels,
  dataQuality,
  timeline,
  scalability,
  reliability,
  events,
  consistency,
  latencyProgression,
  throughput,
  bottleneck,
  secondaryObservations,
  grades,
  capacity,
  deployment,
  monitoring,
  optimisation,
  cost,
  comparison,
  risks,
  method,
  nextSteps,
  contradictions,
  reproduce,
  metadata,
];
