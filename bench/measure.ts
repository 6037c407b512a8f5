import { cpus, totalmem } from 'node:os';

export interface Contender {
  readonly name: string;
  /** Does the work once over. @returns what came of it, which must be the same for all that are compared */
  run(): number;
}

export interface Measured {
  readonly name: string;
  /** Nanoseconds a unit: the median over the rounds. */
  readonly ns: number;
}

/**
 * Runs contenders in turns, so that a slow second of the machine falls on all of them alike.
 * @param units of work in one run
 */
export function measure(contenders: readonly Contender[], units: number, rounds: number): Measured[] {
  const expected = contenders[0]!.run();
  for (const { name, run } of contenders) {
    for (let i = 0; i < 20; i++) {
      const result = run();
      if (result !== expected) throw new Error(`${name}: ${result} where others have ${expected}`);
    }
  }
  const times: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const at = (i + round) % contenders.length;
      const start = process.hrtime.bigint();
      contenders[at]!.run();
      times[at]!.push(Number(process.hrtime.bigint() - start) / units);
    }
  }
  return contenders.map(({ name }, i) => ({ name, ns: median(times[i]!) }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** @returns what figures are to be read against */
export function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpu?.model ?? 'unknown CPU'} × ${cpus().length}, ${memory} GiB, Node ${process.versions.node} (V8 ${process.versions.v8})`;
}

/** @returns lines of a table whose first column is text and whose others are figures */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return `${rows.map(line).join('\n')}\n`;
}
