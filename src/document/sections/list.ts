import type { SectionRecord } from '../input.ts';
import { configuration } from './configuration.ts';
import { dataQuality } from './data-quality.ts';
import { events } from './events.ts';
import { executiveSummary } from './executive-summary.ts';
import { levels } from './levels.ts';
import { metadata } from './metadata.ts';
import { method } from './method.ts';
import { reliability } from './reliability.ts';
import { reproduce } from './reproduce.ts';
import { timeline } from './timeline.ts';

/** Sections of a report, in their order. */
export const SECTIONS: readonly SectionRecord[] = [
  executiveSummary,
  configuration,
  levels,
  dataQuality,
  timeline,
  reliability,
  events,
  method,
  reproduce,
  metadata,
];
