/** Points of a line, at most: more than a screen shows. */
export const MAX_POINTS = 400;

type Points = readonly (readonly [x: number, y: number | null])[];

/**
 * Returns at most so many points: of each group of neighbours the one that `pick` prefers. A group without any value is a gap.
 * @param pick whether the first value is to be shown rather than the second
 */
export function thin(points: Points, pick: (a: number, b: number) => boolean, max = MAX_POINTS): Points {
  if (points.length <= max) return points;
  const size = Math.ceil(points.length / max);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) =>
    points.slice(i * size, (i + 1) * size).reduce((best, point) => {
      if (point[1] === null) return best;
      return best[1] === null || pick(point[1], best[1]) ? point : best;
    }),
  );
}

export const highest = (a: number, b: number): boolean => a > b;
export const lowest = (a: number, b: number): boolean => a < b;
