import { linear } from './piece.ts';
import { shape } from './shape.ts';

/** Each tooth is a piece of the plan, and lookups go through all of them. */
const MAX_TEETH = 1000;

/** Ramps one after another; the last one may be cut. */
export const SAWTOOTH = shape({
  name: 'sawtooth',
  levels: ['from', 'to'],
  durations: { period: 'above 0' },
  bursts: true,
  issueOfDurations({ periodMs, durationMs }, text) {
    const teeth = Math.ceil(durationMs / periodMs);
    if (teeth <= MAX_TEETH) return undefined;
    return {
      key: 'period',
      found: `${teeth} ramps in ${text(durationMs)}`,
      expected: `at most ${MAX_TEETH}`,
      advice: 'make the period longer, or the stage shorter',
    };
  },
  peak: ({ from, to }) => Math.max(from, to),
  parts: ({ from, to, periodMs, durationMs }) =>
    Array.from({ length: Math.ceil(durationMs / periodMs) }, (_, i) => {
      const endMs = Math.min((i + 1) * periodMs, durationMs);
      const end = from + ((to - from) * (endMs - i * periodMs)) / periodMs;
      return linear(i * periodMs, endMs, from, end);
    }),
  text: ({ from, to, periodMs, durationMs }, { level, unit, duration }) =>
    `${level(from)} to ${level(to)} ${unit} every ${duration(periodMs)} for ${duration(durationMs)}`,
});
