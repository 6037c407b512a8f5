import { z } from 'zod';
import { list, named, number, object, oneOf, text } from './build.ts';

const tone = oneOf(['good', 'warning', 'bad', 'unknown'], 'what the text means for the target');

const cell = z
  .union([text('text'), object('Text with a tone.', { text: text('text'), tone })])
  .describe('text of a cell, or the text and its tone');

const plot = object('A plot of numbers over time or over the load.', {
  id: text('name of the plot, unique in the report'),
  title: text('title'),
  text: text('what the plot shows, in sentences'),
  x: object('Axis from left to right.', {
    label: text('what it shows'),
    kind: oneOf(['time', 'number'], 'time: Unix time in ms, shown in UTC'),
  }),
  y: object('Axis from bottom to top.', {
    label: text('what it shows'),
    from: number('least value of the axis').optional(),
    to: number('greatest value of the axis').optional(),
  }),
  series: list(
    object('A line.', {
      name: text('name of the line'),
      points: list(
        z.tuple([z.number(), z.number().nullable()]).readonly(),
        'points; y is null where nothing was observed',
      ),
    }),
    'lines',
  ),
  without: list(
    object('A target without a line.', { name: text('name'), reason: text('why it has none') }),
    'what belongs to the plot and has no line',
  ),
  limits: list(object('A limit.', { y: number('value'), label: text('name') }), 'limits'),
  bands: list(
    object('Times or loads that are marked.', {
      from: number('start'),
      to: number('end'),
      label: text('name'),
      tone,
    }),
    'marked spans',
  ),
  marks: list(object('An event.', { x: number('place'), label: text('name') }), 'events'),
});

const table = object('A table.', {
  kind: z.literal('table'),
  caption: text('what the rows are, over which time, and what a cell means'),
  columns: list(
    object('A column.', { title: text('title'), align: oneOf(['left', 'right'], 'alignment') }),
    'columns',
  ),
  rows: list(list(cell, 'cells, as many as there are columns'), 'rows'),
});

const block = z
  .union([
    object('A paragraph.', { kind: z.literal('paragraph'), text: text('text') }),
    object('A list.', { kind: z.literal('list'), items: list(text('text'), 'items') }),
    object('A heading in a section.', { kind: z.literal('heading'), text: text('text') }),
    object('A verdict or a grade.', {
      kind: z.literal('badge'),
      tone,
      label: text('verdict or grade'),
      text: text('its reason'),
    }),
    table,
    object('A plot.', { kind: z.literal('plot'), plot }),
    object('Lines to copy: commands, configuration.', {
      kind: z.literal('code'),
      text: text('lines to copy'),
    }),
  ])
  .describe('A part of a section, for people.');

const section = object('A section, with its content or the reason why it is left out.', {
  id: text('name of the section; does not change'),
  title: text('title'),
  omitted: text('why the section has no content; absent where it has').optional(),
  values: z
    .unknown()
    .optional()
    .describe('values of the section, as numbers and names; absent where it is left out'),
  blocks: list(block, 'the same for people').optional(),
});

/** The report as JSON. Later versions add keys and change existing ones only with a new schema number. */
export const report = named('Report', 'Report of one or more runs.', {
  schema: z.literal(1).describe('number of this schema'),
  title: text('title'),
  subtitle: list(text('line'), 'what was run, when, and by what the report was written'),
  sections: list(section, 'sections in their order; those without data are left out with a reason'),
});

export type Report = z.infer<typeof report>;
export type Block = z.infer<typeof block>;
export type Tone = z.infer<typeof tone>;
export type Cell = z.infer<typeof cell>;
export type Table = z.infer<typeof table>;
export type Plot = z.infer<typeof plot>;
