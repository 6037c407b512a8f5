/**
 * `npm run trials [-- --only=NAME,…]`: what only many runs, or long ones, can show. Takes about an hour and a half in all. A short
 * form of each with fixed seeds is a test: test/e2e/healthy-runs.test.ts, test/e2e/kills.test.ts,
 * test/compare/pairs.test.ts, test/e2e/capacity.test.ts, test/e2e/chaos.test.ts, test/e2e/api-fuzz.test.ts. Exit code 1 where a trial fails.
 */
import { parseArgs } from 'node:util';
import { type ChaosOptions, chaos } from '../bench/chaos.ts';
import { type ApiFuzz, apiFuzz } from './trials/api-fuzz.ts';
import { type ComparedPairs, comparedPairs } from './trials/compared-pairs.ts';
import { type HealthyRuns, healthyRuns } from './trials/healthy-runs.ts';
import { type Kills, kills } from './trials/kills.ts';
import { knees } from './trials/knees.ts';

/** A trial, and its text. `carryOut` resolves with whether it passes. */
interface Trial {
  readonly text: string;
  carryOut(signal: AbortSignal): Promise<boolean>;
}

const TRIALS: Readonly<Record<string, Trial>> = {
  'healthy-minutes': healthy({ runs: 30, seconds: 60, users: 50, atOnce: 3, seed: 1 }),
  'healthy-ten-minutes': healthy({ runs: 3, seconds: 600, users: 50, atOnce: 3, seed: 101 }),
  kills: killed({ runs: 50, atOnce: 2, seed: 1 }),
  chaos: chaotic({
    seed: 1,
    users: 300,
    idle: 500,
    events: 80,
    everyMs: 18_000,
    stoppedMs: 20_000,
    prometheus: true,
  }),
  fuzz: fuzzed({ seed: 2, examples: 1000, seconds: 600 }),
  capacity: searched([12, 30, 70, 150, 400]),
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
          const kept =
            ages.length === 0 ? 'ended before the kill' : `last record ${ages.join(' and ')} ms old`;
          say(`  seed ${seed}: ${kept}, ${streams} streams, ${lost} lost, ${unknown} unknown`);
          for (const problem of problems) say(`    ${problem}`);
        },
      });
      const wrong = runs.filter(({ problems }) => problems.length > 0).length;
      say(`  ${wrong} of ${runs.length} killed runs are wrong`);
      return wrong === 0;
    },
  };
}

/** Nothing that goes wrong around soakd makes it count wrong, or not answer. */
function chaotic(options: Omit<ChaosOptions, 'signal' | 'happened'>): Trial {
  const { users, events, everyMs } = options;
  return {
    text: `a run of soakd serve with ${users} users in which something goes wrong ${events} times, ${everyMs / 1000} s apart`,
    async carryOut(signal) {
      const { problems, ...facts } = await chaos({
        ...options,
        signal,
        happened: (name, tookMs) => say(`  ${name}: ${tookMs} ms`),
      });
      say(`  ${JSON.stringify(facts)}`);
      for (const problem of problems) say(`    ${problem}`);
      return problems.length === 0;
    },
  };
}

/** Every route answers as documented, whatever it is asked during a run. */
function fuzzed(options: Omit<ApiFuzz, 'signal'>): Trial {
  return {
    text: `requests that Schemathesis makes up for every route of the API during a run, for ${options.seconds} s`,
    async carryOut(signal) {
      const { problems, output, ...facts } = await apiFuzz({ ...options, signal });
      say(`  ${JSON.stringify(facts)}`);
      if (problems.length > 0) say(output);
      for (const problem of problems) say(`    ${problem}`);
      return problems.length === 0;
    },
  };
}

/** A search for the capacity finds a known knee within 5 %, or one user, in at most 12 steps. */
function searched(all: readonly number[]): Trial {
  return {
    text: `searches for the capacity of simulators with knees at ${all.join(', ')} users, streams of 3 s`,
    async carryOut(signal) {
      const found = await knees(all, signal, ({ knee, text }) => say(`  knee ${knee}\n${text.trimEnd()}`));
      const wrong = found.filter(
        ({ knee, users, steps }) => Math.abs(users - knee) > Math.max(1, 0.05 * knee) || steps > 12,
      );
      say(`  ${wrong.length} of ${found.length} searches are wrong`);
      return wrong.length === 0;
    },
  };
}

/** Pairs of made runs of an hour: equal ones, and ones whose second has a longer TTFB on one of two targets. */
const PAIRS: Readonly<Record<string, Omit<ComparedPairs, 'signal' | 'ended'> & { readonly isGood: IsGood }>> =
  {
    'compare-equal': {
      pairs: 200,
      windows: 360,
      ttfb: 1,
      seed: 1,
      isGood: ({ pairs, named }) => named <= pairs * 0.02,
    },
    'compare-5-percent': {
      pairs: 200,
      windows: 360,
      ttfb: 1.05,
      seed: 1001,
      isGood: ({ pairs, found, others }) => found >= pairs * 0.9 && others <= pairs * 0.02,
    },
    'compare-15-percent': {
      pairs: 100,
      windows: 360,
      ttfb: 1.15,
      seed: 2001,
      isGood: ({ pairs, found, others }) => found === pairs && others <= pairs * 0.02,
    },
  };
type IsGood = (of: Readonly<Record<'pairs' | 'named' | 'found' | 'others', number>>) => boolean;

const KNOWN = [...Object.keys(TRIALS), ...Object.keys(PAIRS)];
const { values } = parseArgs({
  options: { only: { type: 'string', default: KNOWN.join(',') } },
});
const names = values.only.split(',');
const unknown = names.filter((name) => !KNOWN.includes(name));
if (unknown.length > 0) {
  const known = KNOWN.join(', ');
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
  if (Object.hasOwn(PAIRS, name)) {
    if (!(await comparesWell(name))) failed = true;
    continue;
  }
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

async function comparesWell(name: string): Promise<boolean> {
  const { isGood, ...trial } = PAIRS[name]!;
  say(
    `${name}: ${trial.pairs} pairs of made runs of ${trial.windows} windows, TTFB × ${trial.ttfb} on one of two targets`,
  );
  const results = await comparedPairs({
    ...trial,
    signal: stop.signal,
    ended: ({ seed, named }) => {
      if (trial.ttfb === 1 && named.length > 0) say(`  seed ${seed}: ${named.join(', ')}`);
    },
  });
  const of = (isOne: (result: (typeof results)[number]) => boolean): number => results.filter(isOne).length;
  const counts = {
    pairs: results.length,
    named: of((r) => r.named.length > 0),
    found: of((r) => r.found),
    others: of((r) => r.others.length > 0),
  };
  say(`  named anything: ${counts.named}, the TTFB: ${counts.found}, anything else: ${counts.others}`);
  return isGood(counts);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
