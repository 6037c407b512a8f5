/**
 * `npm run bench:servers`: the servers of examples/targets, one at a time, with the server on one core and soakd on the
 * other: fixed levels of users, then a search for the capacity by the default thresholds. Keeps each step in --out and
 * continues there after an interruption; at the end writes the tables into --document, between its markers.
 * About an hour and a half a server; --levels=50 --seconds=20 --capacity-minutes=0 shortens it. Linux, two cores.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './measure.ts';
import { withMeasured } from './peers/document.ts';
import { ROOT } from './peers/root.ts';
import { measuredText, readPage, type SubjectResults } from './servers/document.ts';
import { type Settings, State, type StepResult } from './servers/state.ts';
import { runLevel, runSearch } from './servers/steps.ts';
import { missing, SUBJECTS, type Subject, versions } from './servers/subjects.ts';

const { values } = parseArgs({
  options: {
    levels: { type: 'string', default: '100,1000,2000,3000' },
    seconds: { type: 'string', default: '120' },
    'capacity-minutes': { type: 'string', default: '60' },
    from: { type: 'string', default: '500' },
    'max-users': { type: 'string', default: '8000' },
    'chunks-mean': { type: 'string', default: '403' },
    only: { type: 'string', default: Object.keys(SUBJECTS).join(',') },
    out: { type: 'string', default: join(ROOT, 'tmp/servers') },
    document: { type: 'string', default: join(ROOT, 'docs/servers.md') },
  },
});
const settings: Settings = {
  levels:
    values.levels === '' ? [] : values.levels.split(',').map((text) => whole('levels', text, 1, 20_000)),
  seconds: whole('seconds', values.seconds, 1, 3600),
  capacityMinutes: whole('capacity-minutes', values['capacity-minutes'], 0, 240),
  from: whole('from', values.from, 1, 20_000),
  chunksMean: whole('chunks-mean', values['chunks-mean'], 1, 10_000),
  maxUsers: whole('max-users', values['max-users'], 1, 20_000),
};
const names = values.only.split(',');
for (const name of names) {
  if (!(name in SUBJECTS)) fail(`--only: expected of ${Object.keys(SUBJECTS).join(', ')}, found ${name}`);
}
if (process.platform !== 'linux' || cpus().length < 2)
  fail('expected Linux and two cores: one for each side');
const out = resolve(values.out);
// Before hours are spent.
withMeasured(readPage(values.document), '');

// `scripts/bootstrap.mjs` has gone. What was started ends with this process.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();

const state = open();
const left: string[] = [];
const results: SubjectResults[] = [];
for (const name of names) {
  const subject = SUBJECTS[name]!;
  const lacks = missing(subject);
  if (lacks !== false) {
    left.push(`${subject.title}: ${lacks}`);
    process.stderr.write(`left out: ${left.at(-1)}\n`);
    continue;
  }
  results.push({ subject, steps: await measure(name, subject) });
}
const text = measuredText(results, left, {
  settings,
  startedAt: state.startedAt,
  loadBefore: state.loadBefore,
  machine: machine(),
  versions: versions(),
});
writeFileSync(values.document, withMeasured(readPage(values.document), text));
process.stdout.write(`${text}\n`);

/** Carries out the steps of a server that the state does not have. One that failed is tried again by the next start. */
async function measure(name: string, subject: Subject): Promise<StepResult[]> {
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  const steps: [string, () => Promise<StepResult>][] = settings.levels.map((users) => [
    `${name}/${users}`,
    () => runLevel(subject, users, settings, folder),
  ]);
  if (settings.capacityMinutes > 0) {
    steps.push([`${name}/capacity`, () => runSearch(subject, settings, folder)]);
  }
  const results: StepResult[] = [];
  for (const [step, run] of steps) {
    const kept = state.get(step);
    if (kept !== undefined && kept.kind !== 'failed') {
      results.push(kept);
      continue;
    }
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${step}\n`);
    const result = await run().catch(
      (error: unknown): StepResult => ({
        kind: 'failed',
        message: String(error instanceof Error ? error.message : error).split('\n', 1)[0]!,
      }),
    );
    if (result.kind === 'failed') process.stderr.write(`  failed: ${result.message}\n`);
    state.keep(step, result);
    results.push(result);
  }
  return results;
}

function open(): State {
  try {
    return State.open(out, settings, { at: new Date(), load: loadavg()[0]! });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  return fail(`--${flag}: expected a whole number from ${least} to ${most}, found ${text}`);
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
