import { z } from 'zod';
import type { Scenario } from '../core/scenario.ts';
import type { Objective, Target } from '../core/target.ts';
import type { Stage } from '../shapes/list.ts';
import { list, number, object, opaque, opaqueOrNull, orNull, text, textOrNull } from './build.ts';

const plain = z.union([z.string(), z.number(), z.boolean()]);

/** Setup of a run: versions, machine, load, targets and changed settings. Holds no secrets. */
export const setup = object('Setup of the run, without secrets.', {
  soakd: object('Version of soakd.', {
    version: text('version of soakd'),
    revision: text('commit of soakd'),
    node: text('version of Node'),
  }),
  command: textOrNull('command line without secrets; null for soakd serve'),
  configurationHash: text('SHA-256 of the configuration, hexadecimal'),
  machine: object('The machine that generated the load.', {
    platform: text('operating system and architecture'),
    cpuCores: number('CPU cores available to the process'),
    memoryBytes: number('memory available to the process'),
    loadAverage: number('load average of the last minute, at the end of the run'),
  }),
  model: opaque<Scenario['model']>('load model, closed or open, with its settings'),
  stages: list(
    opaque<Stage>('a stage'),
    'planned load; durations in ms; with a sequence, the stages of all turns and the pauses between them, each with its target',
  ),
  sequence: opaqueOrNull<NonNullable<Scenario['sequence']>>(
    'pauseMs between targets that are loaded one after another; null: all at once',
  ),
  warmUpMs: number('warm-up, which the statistics exclude; in a sequence, that of each turn'),
  seed: number('seed of the random generator'),
  budget: opaqueOrNull<NonNullable<Scenario['budget']>>('budget of the run; null: no limit'),
  targets: list(
    object('A target.', {
      name: text('name of the target'),
      url: text('URL without secrets'),
      format: text('stream format'),
      transport: textOrNull('transport; null: chosen by the URL'),
      weight: number('weight of the target in the scenario'),
      labels: opaque<Target['labels']>('static labels of its series on /metrics'),
      timeouts: opaque<Target['timeouts']>('timeouts, ms'),
      objective: opaqueOrNull<Objective>('limits of the objective, ms; null: none'),
    }),
    'targets of the scenario',
  ),
  changed: list(
    object('A setting that differs from its default.', {
      key: text('path of the setting in the configuration'),
      value: plain.describe('value; "set" for a value that is not shown'),
      default: orNull(plain, 'default; null: none'),
    }),
    'settings that differ from their defaults',
  ),
});

export type SetupSummary = z.infer<typeof setup>;
