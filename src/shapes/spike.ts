import { linear } from './piece.ts';
import { shape } from './shape.ts';

export const SPIKE = shape({
  name: 'spike',
  levels: ['base', 'peak'],
  durations: { at: 'from 0', width: 'above 0' },
  bursts: true,
  issueOfDurations({ atMs, widthMs, durationMs }, text) {
    const endMs = atMs + widthMs;
    if (endMs <= durationMs) return undefined;
    return {
      key: atMs >= durationMs ? 'at' : 'width',
      found: `a spike that ends at ${text(endMs)}`,
      expected: `at + width within the stage (${text(durationMs)})`,
      advice: 'lower at or width, or make the stage longer',
    };
  },
  peak: ({ base, peak }) => Math.max(base, peak),
  parts: ({ base, peak, atMs, widthMs, durationMs }) => {
    const endMs = Math.min(atMs + widthMs, durationMs);
    return [linear(0, atMs, base), linear(atMs, endMs, peak), linear(endMs, durationMs, base)];
  },
  text: ({ base, peak, durationMs }, { level, unit, duration }) =>
    `${level(base)} ${unit} with a spike of ${level(peak)} for ${duration(durationMs)}`,
});
