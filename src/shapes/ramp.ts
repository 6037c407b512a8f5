import { linear } from './piece.ts';
import { shape } from './shape.ts';

export const RAMP = shape({
  name: 'ramp',
  levels: ['from', 'to'],
  durations: {},
  bursts: false,
  peak: ({ from, to }) => Math.max(from, to),
  parts: ({ from, to, durationMs }) => [linear(0, durationMs, from, to)],
  text: ({ from, to, durationMs }, { level, unit, duration }) =>
    `${level(from)} to ${level(to)} ${unit} for ${duration(durationMs)}`,
});
