/**
 * `npm run trials [-- --only=NAME,…]`: what only many real runs, or long ones, can show. Takes about half an hour in all.
 * A short form of each with fixed seeds is a test: test/e2e/healthy-runs.test.ts. Exit code 1 where a trial fails.
 */
import { parseArgs } from 'node:util';
import { type HealthyRuns, healthyRuns } from './trials/healthy-runs.ts';

type Trial = Omit<HealthyRuns, 'signal' | 'ended'>;

/** No healthy run reports drift. */
const TRIALS: Readonly<Record<string, Trial>> = {
  'healthy-minutes': { runs: 30, seconds: 60, users: 50, atOnce: 3, seed: 1 },
  'healthy-ten-minutes': { runs: 3, seconds: 600, users: 50, atOnce: 3, seed: 101 },
};

const { values } = parseArgs({
  options: { only: { type: 'string', default: Object.keys(TRIALS).join(',') } },
});
const names = values.only.split(',');
const unknown = names.filter((name) => !Object.hasOwn(TRIALS, name));
if (unknown.length > 0) {
  const known = Object.keys(TRIALS).join(', ');
  process.stderr.write(
    `--only: found ${unknown.map((n) => `"${n}"`).join(', ')}, expected some of ${known}\n`,
  );
  process.exit(2);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
// The bootstrap that started this one was killed.
process.on('disconnect', () => stop.abort());
process.channel?.unref();

let failed = false;
for (const name of names) {
  const trial = TRIALS[name]!;
  say(
    `${name}: ${trial.runs} runs of ${trial.seconds} s with ${trial.users} users, ${trial.atOnce} at a time`,
  );
  try {
    const runs = await healthyRuns({
      ...trial,
      signal: stop.signal,
      ended: ({ seed, drift: { evaluated, found, periodic } }) => {
        const texts = [...found, ...periodic].map(({ target, text }) => `${target ?? 'soakd'}: ${text}`);
        say(
          `  seed ${seed}: ${evaluated} signals evaluated, ${found.length} drifts ${texts.join('; ')}`.trimEnd(),
        );
      },
    });
    const alarms = runs.filter(({ drift }) => drift.found.length > 0).length;
    say(`  ${alarms} of ${runs.length} healthy runs report drift`);
    failed ||= alarms > 0;
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : String(error)}`);
    failed = true;
    if (stop.signal.aborted) break;
  }
}
process.exit(failed ? 1 : 0);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
