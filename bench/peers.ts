/**
 * `npm run bench`: what soakd and its peers take for the same streams of the same target, and whether what they say
 * of the first byte is so. Writes docs/performance.md between its markers; see there.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './measure.ts';
import { withMeasured } from './peers/document.ts';
import type { Program } from './peers/install.ts';
import { type Contestant, type Measurement, OURS, tables } from './peers/results.ts';
import { CACHE, ROOT } from './peers/root.ts';
import { measure, measureBase } from './peers/round.ts';
import { Target } from './peers/target.ts';
import { type Load, TOOLS } from './peers/tools.ts';

const DOCUMENT = join(ROOT, 'docs/performance.md');
/** Of the seed's preset: mean gap and time to the first byte, ms. */
const GAP_MS = 76.35;
const TTFB_MS = 1100;

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    chunks: { type: 'string', default: '100' },
    only: { type: 'string', default: Object.keys(TOOLS).join(',') },
    out: { type: 'string', default: DOCUMENT },
  },
});
const users = whole('users');
const seconds = whole('seconds');
const rounds = whole('rounds');
const chunks = whole('chunks');
const names = values.only.split(',');
for (const name of names) {
  if (!(name in TOOLS)) fail(`--only: there is no ${name}; there are ${Object.keys(TOOLS).join(', ')}`);
}
// Before a quarter of an hour is spent.
const document = readFileSync(values.out, 'utf8');
withMeasured(document, '');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
process.on('disconnect', () => stop.abort());
process.channel?.unref();

const notHad: string[] = [];
const failures: string[] = [];
const programs = installAll();
const loadBefore = loadavg()[0]!;
const target = await Target.start(chunks);
const folder = mkdtempSync(join(tmpdir(), 'soakd-bench-'));
const load: Load = {
  origin: target.origin,
  path: target.path,
  users,
  seconds,
  drainSeconds: Math.ceil((TTFB_MS + 1.5 * chunks * GAP_MS) / 1000) + 10,
  streamsPerUser: Math.max(1, Math.ceil((seconds * 1000) / (TTFB_MS + chunks * GAP_MS))),
  folder,
};
try {
  const contestants = await contest();
  const measurements = await measureAll([...programs.keys()]);
  // Round by round, for whoever doubts the medians.
  writeFileSync(join(CACHE, 'last.json'), `${JSON.stringify({ contestants, measurements }, null, 2)}\n`);
  const text = told(contestants, measurements);
  writeFileSync(values.out, withMeasured(document, text));
  process.stdout.write(`${text}\n`);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  process.stderr.write('interrupted: nothing is written\n');
  process.exitCode = 130;
} finally {
  target.stop();
  rmSync(folder, { recursive: true, force: true });
}

function installAll(): Map<string, Program> {
  mkdirSync(CACHE, { recursive: true });
  const had = new Map<string, Program>();
  for (const name of names) {
    try {
      had.set(name, TOOLS[name]!.install());
    } catch (error) {
      notHad.push(`${name} (${messageOf(error)})`);
      process.stderr.write(`left out: ${notHad.at(-1)}\n`);
    }
  }
  return had;
}

async function contest(): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const [name, program] of programs) {
    const tool = TOOLS[name]!;
    const base = await measureBase(tool, program, load, target, stop.signal);
    stop.signal.throwIfAborted();
    contestants.push({
      tool: name,
      version: program.version,
      calls: tool.calls,
      clock: tool.clock,
      gaps: tool.gaps,
      base: { cpuSeconds: base.cpuSeconds, peakRssBytes: base.peakRssBytes },
    });
  }
  return contestants;
}

async function measureAll(tools: readonly string[]): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < tools.length; i++) {
      // Each begins a round once: none is always first on a machine that was idle.
      const name = tools[(i + round) % tools.length]!;
      const tool = TOOLS[name]!;
      process.stderr.write(`round ${round + 1} of ${rounds}: ${name}\n`);
      try {
        const program = programs.get(name)!;
        measurements.push(await measure(name, tool, program, load, round, target, stop.signal));
      } catch (error) {
        if (stop.signal.aborted) throw error;
        failures.push(`${name}, round ${round + 1}: ${messageOf(error)}`);
        process.stderr.write(`  failed: ${messageOf(error)}\n`);
      }
    }
  }
  return measurements;
}

function told(contestants: readonly Contestant[], measurements: readonly Measurement[]): string {
  const command = `npm run bench -- --users=${users} --seconds=${seconds} --rounds=${rounds} --chunks=${chunks}`;
  const only = names.length === Object.keys(TOOLS).length ? '' : ` --only=${names.join(',')}`;
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)} with **N = ${users}** on ${machine()}; Linux load average ` +
      `before it began: ${loadBefore.toFixed(1)}. Medians of ${rounds} round${rounds === 1 ? '' : 's'}.`,
    `\`\`\`sh\n${command}${only}\n\`\`\``,
    tables(contestants, measurements, users),
    ...(notHad.length === 0 ? [] : [`Left out: ${notHad.join('; ')}.`]),
    ...(failures.length === 0 ? [] : [`Failed, and not counted: ${failures.join('; ')}.`]),
    ...(programs.has(OURS) ? [] : ['Without soakd: no ratios.']),
  ].join('\n\n');
}

function whole(name: 'users' | 'seconds' | 'rounds' | 'chunks'): number {
  const value = Number(values[name]);
  const most = { users: 10_000, seconds: 600, rounds: 20, chunks: 1000 }[name];
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  return fail(`--${name}: expected a whole number from 1 to ${most}, found ${values[name]}`);
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
