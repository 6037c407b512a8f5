/** Values tick by tick: each for so many ticks, the last one to the end. */
export type Course = readonly (readonly [value: number, ticks: number])[];

export const always = (value: number): Course => [[value, 1]];

/** Returns a value for each tick from 0 on. */
export function levels(course: Course, ticks: number): number[] {
  const values = course.flatMap(([value, n]) => Array<number>(n).fill(value));
  while (values.length <= ticks) values.push(course.at(-1)![0]);
  return values.slice(0, ticks + 1);
}

/** Returns by how much a counter grows up to each tick; at tick 0 it starts. */
export function increments(course: Course, ticks: number): number[] {
  return [0, ...levels(course, ticks - 1)];
}

/** Returns a gauge as promtool reads it. */
export function gaugeText(values: readonly number[]): string {
  return runs(values)
    .map(([value, n]) => `${rounded(value)}x${n - 1}`)
    .join(' ');
}

/** Returns a counter as promtool reads it: `0 5+5x19 101+1x10`. @param increments up to each tick */
export function counterText([first = 0, ...increments]: readonly number[]): string {
  let total = first;
  const parts = runs(increments).map(([step, n]) => {
    const text = `${rounded(total + step)}+${rounded(step)}x${n - 1}`;
    total += step * n;
    return text;
  });
  return [String(first), ...parts].join(' ');
}

/** Without the noise of doubles. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** Equal neighbours as one. */
function runs(values: readonly number[]): [value: number, n: number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.[0] === value) last[1]++;
    else found.push([value, 1]);
  }
  return found;
}
