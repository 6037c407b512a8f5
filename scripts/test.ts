/**
 * `npm test [-- path… --name=REGEXP --no-install]`: installs the programs that tests run for real where it may,
 * then runs test/**\/*.test.ts with node:test. Files under test/e2e run loads of their own and mostly wait for them,
 * so they run after the rest, three at a time, and at the end those that need the machine to themselves. Under CI=true a
 * skipped test fails the run: there everything can be installed.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installPrograms } from './test/install.ts';
import { runTests } from './test/run.ts';
import { Transcripts } from './test/transcripts.ts';

const ROOT = join(import.meta.dirname, '..');
const CI = process.env.CI === 'true';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string' }, 'no-install': { type: 'boolean', default: false } },
});

const files = globSync('test/**/*.test.ts', { cwd: ROOT })
  .filter(
    (file) =>
      positionals.length === 0 || positionals.some((part) => file.includes(part.replace(/^\.\//, ''))),
  )
  .sort();
if (files.length === 0) {
  process.stderr.write(`no test file matches ${positionals.join(' ')}\n`);
  process.exit(1);
}

if (!values['no-install']) installPrograms();

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
// The bootstrap that started this one was killed.
process.on('disconnect', () => stop.abort());
process.channel?.unref();

const transcripts = new Transcripts();
process.env.SOAKD_TRANSCRIPTS = transcripts.folder;

const isE2e = (file: string) => file.startsWith(join('test', 'e2e'));
/** They compare times of two runs, or of a run with what its target did. */
const isAlone = (file: string) => /(relay|honest-ttfb|bad-streams|invariants)\.test\.ts$/.test(file);
const { success, skipped } = await runTests(
  ROOT,
  [
    // Two cores: one for a test file, one for the programs that it starts.
    { files: files.filter((file) => !isE2e(file)), concurrency: 2, testTimeoutMs: 180_000 },
    { files: files.filter((file) => isE2e(file) && !isAlone(file)), concurrency: 3, testTimeoutMs: 600_000 },
    { files: files.filter((file) => isE2e(file) && isAlone(file)), concurrency: 1, testTimeoutMs: 600_000 },
  ],
  { signal: stop.signal, ...(values.name === undefined ? {} : { name: new RegExp(values.name) }) },
);

const leaks = transcripts.leaks();
transcripts.remove();
if (leaks.lines.length > 0) {
  process.stdout.write(`\nsecrets of tests were shown:\n${leaks.lines.join('\n')}\n`);
}

if (stop.signal.aborted) {
  process.stderr.write('interrupted\n');
  process.exit(130);
}
if (CI && skipped.length > 0) {
  process.stdout.write(`\nunder CI=true nothing may be skipped, and these were:\n${skipped.join('\n')}\n`);
}
process.exit(success && leaks.lines.length === 0 && !(CI && skipped.length > 0) ? 0 : 1);
