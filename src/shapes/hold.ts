import { linear } from './piece.ts';
import { shape } from './shape.ts';

export const HOLD = shape({
  name: 'hold',
  levels: 'one',
  durations: {},
  bursts: false,
  peak: ({ level }) => level,
  parts: ({ level, durationMs }) => [linear(0, durationMs, level)],
  text: ({ level, durationMs }, { withUnit, duration }) => `${withUnit(level)} for ${duration(durationMs)}`,
});
