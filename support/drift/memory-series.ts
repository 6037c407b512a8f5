import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomNormal } from 'd3-random';
import type { Random } from '../../src/core/random.ts';
import { ROOT } from '../root.ts';

/**
 * Memory of soakd in one healthy run, second by second: bench/record-memory.ts makes it. The three runs of ten minutes were
 * recorded from outside: VmRSS of `soakd run`, and what `node --trace-gc` wrote of all its threads.
 */
export interface RecordedMemory {
  readonly users: number;
  /** Planned length of the run. */
  readonly seconds: number;
  /** Second from which every thread had made two major garbage collections; `null`: that never came. */
  readonly settledAt: number | null;
  readonly rssKibibytes: readonly number[];
}

const FOLDER = join(ROOT, 'test/drift/memory');
/** Of the level, within {@link DROP_SECONDS}: memory that is given back after a major collection. */
const DROP = 0.06;
const DROP_SECONDS = 5;

/** By the name of the file. */
export const RECORDED: Readonly<Record<string, RecordedMemory>> = Object.fromEntries(
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as RecordedMemory]),
);

/** Start-ups: what comes before memory is given back for the first time. */
const STARTS = Object.values(RECORDED).map(({ rssKibibytes }) => cut(rssKibibytes)[0]!);
/** Teeth of the saw: from one time at which memory is given back to the next, or to the end of the recording. */
const TEETH = Object.values(RECORDED).flatMap(({ rssKibibytes }) => cut(rssKibibytes).slice(1));

export interface ReplayedMemory {
  /** Bytes, second by second. */
  readonly rss: Float64Array;
  readonly settledAt: number;
}

/**
 * A healthy run of any length: the start-up of a recorded one, and behind it teeth of recorded ones in random order, all of
 * them faster or slower than they were. Where one begins, its level steps by some per cent, around a level that grows by up to an
 * eighth and stays.
 */
export function healthyMemory(seconds: number, random: Random): ReplayedMemory {
  const normal = randomNormal.source(random)(0, 1);
  const start = chosen(STARTS, random);
  const bytes = paced(start, random);
  const base = start.at(-1)! * (0.82 + 0.1 * random());
  const [growth, tau, spread] = [random() / 8, 120 + 480 * random(), 0.03 * random()];
  while (bytes.length < seconds) {
    const tooth = chosen(TEETH, random);
    const settled = base * (1 + growth * (1 - Math.exp(-bytes.length / tau)));
    const scale = (settled * (1 + spread * normal())) / tooth[0]!;
    for (const kibibytes of paced(tooth, random)) bytes.push(scale * kibibytes);
  }
  return {
    rss: Float64Array.from(bytes.slice(0, seconds), (kibibytes) => kibibytes * 1024),
    settledAt: 20 + Math.floor(220 * random()),
  };
}

/** @returns the same, up to twice as fast or as slow */
function paced(values: readonly number[], random: Random): number[] {
  const pace = 0.5 * 4 ** random();
  return Array.from({ length: Math.ceil(values.length / pace) }, (_, i) => values[Math.floor(i * pace)]!);
}

function cut(rss: readonly number[]): number[][] {
  const parts: number[][] = [[]];
  for (let i = 0; i < rss.length; i++) {
    const part = parts.at(-1)!;
    const before = part.at(-DROP_SECONDS);
    part.push(rss[i]!);
    if (before === undefined || rss[i]! > before * (1 - DROP)) continue;
    // On the way down is no tooth of its own.
    parts.push([part.pop()!]);
  }
  return parts;
}

function chosen<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}
