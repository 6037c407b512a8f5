import { linear } from './piece.ts';
import { shape } from './shape.ts';

/** Maximum of levels to name. */
const MAX_NAMED = 6;

/** Equal parts of the duration, one after another. */
export const STEPS = shape({
  name: 'steps',
  levels: 'list',
  durations: {},
  bursts: false,
  peak: ({ levels }) => Math.max(...levels),
  parts: ({ levels, durationMs }) => {
    const n = levels.length;
    const at = (i: number): number => (i === n ? durationMs : (durationMs * i) / n);
    return levels.map((level, i) => linear(at(i), at(i + 1), level));
  },
  text: ({ levels, durationMs }, { level, unit, duration }) => {
    const each = `${duration(durationMs / levels.length)} each`;
    if (levels.length <= MAX_NAMED) return `${levels.map(level).join(', then ')} ${unit}, ${each}`;
    // The last one is named too: it is often the highest.
    const named = levels.slice(0, MAX_NAMED - 1).map(level);
    return `${named.join(', then ')}, … then ${level(levels.at(-1)!)} ${unit} (${levels.length} levels), ${each}`;
  },
});
