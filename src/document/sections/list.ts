import type { SectionRecord } from '../input.ts';
import { bottleneck } from './bottleneck.ts';
import { capacity } from './capacity.ts';
import { comparison } from './comparison.ts';
import { consistency } from './consistency.ts';
import { contradictions } from './contradictions.ts';
import { cost } from './cost.ts';
import { deployment } from './deployment.ts';
import { grades } from './grades.ts';
import { latencyProgression } from './latency-progression.ts';
import { monitoring } from './monitoring.ts';
import { nextSteps } from './next-steps.ts';
import { optimisation } from './optimisation.ts';
import { risks } from './risks.ts';
import { scalability } from './scalability.ts';
import { secondaryObservations } from './secondary-observations.ts';
import { throughput } from './throughput.ts';

/** Sections of a report, in their order. */
export const SECTIONS: readonly SectionRecord[] = [
  scalability,
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
  nextSteps,
  contradictions,
];
