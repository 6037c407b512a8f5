import type { Block, Tone } from '../../document/document.ts';
import { list, namesOf, number, object, oneOf, type Schema, text } from './build.ts';

const TONES = namesOf<Tone>({ good: true, warning: true, bad: true, unknown: true });
const tone = oneOf(TONES, 'what the text means for the target');
const anyValue = (description: string): Schema => ({ description });

const cell: Schema = {
  description: 'text of a cell, or the text and its tone',
  oneOf: [text('text'), object('Text with a tone.', { text: text('text'), tone })],
};

const plot = object('A plot of numbers over time or over the load.', {
  id: text('name of the plot, unique in the report'),
  title: text('title'),
  text: text('what the plot shows, in sentences'),
  x: object('Axis from left to right.', {
    label: text('what it shows'),
    kind: oneOf(['time', 'number'], 'time: Unix time in ms'),
  }),
  y: object(
    'Axis from bottom to top.',
    {
      label: text('what it shows'),
      from: number('least value of the axis'),
      to: number('greatest value of the axis'),
    },
    ['from', 'to'],
  ),
  series: list(
    object('A line.', {
      name: text('name of the line'),
      points: list(
        { type: 'array', items: { type: ['number', 'null'] }, minItems: 2, maxItems: 2 },
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

/** Keys of each kind of block, besides its kind. */
const BLOCKS: Readonly<Record<Block['kind'], Readonly<Record<string, Schema>>>> = {
  paragraph: { text: text('text') },
  list: { items: list(text('text'), 'items') },
  heading: { text: text('text') },
  badge: { tone, label: text('verdict or grade'), text: text('its reason') },
  table: {
    caption: text('what the rows are'),
    columns: list(
      object('A column.', { title: text('title'), align: oneOf(['left', 'right'], 'alignment') }),
      'columns',
    ),
    rows: list(list(cell, 'cells, as many as there are columns'), 'rows'),
  },
  plot: { plot },
  code: { text: text('lines to copy') },
};

const block: Schema = {
  description: 'A part of a section, for people.',
  oneOf: Object.entries(BLOCKS).map(([kind, properties]) =>
    object(`A block of the kind ${kind}.`, { kind: oneOf([kind], 'kind of the block'), ...properties }),
  ),
};

const section = object(
  'A section, with its content or the reason why it is left out.',
  {
    id: text('name of the section; does not change'),
    title: text('title'),
    omitted: text('why the section has no content; absent where it has'),
    values: anyValue('values of the section, as numbers and names; absent where it is left out'),
    blocks: list(block, 'the same for people'),
  },
  ['omitted', 'values', 'blocks'],
);

const report = object('Report of one or more runs.', {
  schema: { type: 'integer', enum: [1], description: 'number of this schema' },
  title: text('title'),
  subtitle: list(text('line'), 'what was run, when, and by what the report was written'),
  sections: list(section, 'sections in their order; those without data are left out with a reason'),
});

export const REPORT_SCHEMAS: readonly Schema[] = [{ $id: 'Report', ...report }];

/** Returns the JSON Schema (draft 7) of what `soakd report --format json` writes. */
export function reportJsonSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Report of soakd',
    ...report,
  };
}
