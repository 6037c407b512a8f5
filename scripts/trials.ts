/**
 * `npm run trials [-- --only=NAME,…]`: what only many real runs, or long ones, can show. Takes about three quarters of an hour in all.
 * A short form of each with fixed seeds is a test:
 * test/e2e/healthy-runs.test.ts and kills.test.ts. Exit code 1 where a trial fails.
 */
import { parseArgs } from 'node:util';
import { type HealthyRuns, healthyRuns } from './trials/healthy-runs.ts';
import { type Kills, kills } from './trials/kills.ts';

/** A trial, and its text. `carryOut` resolves with whether it passes. */
interface Trial {
  readonly text: string;
  carryOut(signal: AbortSignal): Promise<boolean>;
}

const TRIALS: Readonly<Record<string, Trial>> = {
  'healthy-minutes': healthy({ runs: 30, seconds: 60, users: 50, atOnce: 3, seed: 1 }),
  'healthy-ten-minutes': healthy({ runs: 3, seconds: 600, users: 50, atOnce: 3, seed: 101 }),
  kills: killed({ runs: 50, atOnce: 2, seed: 1 }),
};

/** No healthy run reports drift. */
function healthy(options: Omit<HealthyRuns, 'signal' | 'ended'>): Trial {
  const { runs: count, seconds, users, atOnce } = options;
  return {
    text: `${count} runs of ${seconds} s with ${users} users, ${atOnce} at a time`,
    async carryOut(signal) {
      const runs = await healthyRuns({
        ...options,
        signal,
        ended: ({ seed, drift: { evaluated, found, periodic } }) => {
          const texts = [...found, ...periodic].map(({ target, text }) => `${target ?? 'soakd'}: ${text}`);
          say(
            `  seed ${seed}: ${evaluated} signals evaluated, ${found.length} drifts ${texts.join('; ')}`.trimEnd(),
          );
        },
      });
      const alarms = runs.filter(({ drift }) => drift.found.length > 0).length;
      say(`  ${alarms} of ${runs.length} healthy runs report drift`);
      return alarms === 0;
    },
  };
}

/** No killed run loses more than its last second. */
function killed(options: Omit<Kills, 'signal' | 'ended'>): Trial {
  return {
    text: `${options.runs} runs of soakd serve that is killed at random moments, ${options.atOnce} at a time`,
    async carryOut(signal) {
      const runs = await kills({
        ...options,
        signal,
        ended: ({ seed, ages, streams, unknown, lost, problems }) => {
          say(
            `  seed ${seed}: last record ${ages.join(' and ')} ms old, ${streams} streams, ${lost} lost, ${unknown} unknown`,
          );
          for (const problem of problems) say(`    ${problem}`);
        },
      });
      const wrong = runs.filter(({ problems }) => problems.length > 0).length;
      say(`  ${wrong} of ${runs.length} killed runs are wrong`);
      return wrong === 0;
    },
  };
}

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
  say(`${name}: ${trial.text}`);
  try {
    if (!(await trial.carryOut(stop.signal))) failed = true;
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
