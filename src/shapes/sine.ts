import { shape } from './shape.ts';

/** From the middle upwards first. */
export const SINE = shape({
  name: 'sine',
  levels: ['min', 'max'],
  durations: { period: 'above 0' },
  bursts: true,
  issueOfLevels: ({ min, max }) =>
    min > max ? { key: 'min', expected: `at most max (${max})`, advice: 'swap the two' } : undefined,
  peak: ({ max }) => max,
  parts: ({ min, max, periodMs, durationMs }) => [
    {
      kind: 'sine',
      fromMs: 0,
      toMs: durationMs,
      intoMs: 0,
      middle: (min + max) / 2,
      amplitude: (max - min) / 2,
      periodMs,
    },
  ],
  text: ({ min, max, durationMs }, { level, unit, duration }) =>
    `${level(min)} to ${level(max)} ${unit} in waves for ${duration(durationMs)}`,
});
