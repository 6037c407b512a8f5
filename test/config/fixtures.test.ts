import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { root } from '../../src/config/schema/root.ts';
import { SoakError } from '../../src/core/errors.ts';
import { keysOf, patternOf } from './schema-keys.ts';

const DIR = join(import.meta.dirname, 'fixtures');
const FILES = readdirSync(DIR).filter((name) => name.endsWith('.yaml'));

/** Each fixture begins with what must be said of it. */
function expectedOf(file: string): { text: string; lines: string[] } {
  const text = readFileSync(join(DIR, file), 'utf8');
  return { text, lines: [...text.matchAll(/^# expect: (.*)$/gm)].map((m) => m[1]!) };
}

describe('fixtures with a mistake', () => {
  for (const file of FILES) {
    it(file, () => {
      const { text, lines } = expectedOf(file);
      assert.ok(lines.length > 0, 'a fixture says what is expected of it');
      assert.throws(
        () => parseConfig(text, { file, baseDir: DIR }),
        (error) => {
          assert.ok(error instanceof SoakError, `not an error for people: ${String(error)}`);
          assert.deepEqual(error.details, lines);
          assert.equal(error.message, lines[0]);
          assert.equal(
            error.code,
            file.startsWith('allow-refused') ? 'TARGET_NOT_ALLOWED' : 'CONFIG_INVALID',
          );
          assert.doesNotMatch(error.details.join('\n'), /planted/);
          return true;
        },
      );
    });
  }
});

/** Held against the text and not against what soakd printed once: a place must be where the value is. */
describe('the place of a mistake', () => {
  for (const file of FILES) {
    const { text, lines } = expectedOf(file);
    for (const line of lines) {
      const match =
        /^\S+:(\d+):(\d+) \S+: found (?:an unknown key )?(?:"((?:[^"\\]|\\.)+)"|(-?[\d.]+) \(a number\))[, ]/.exec(
          line,
        );
      if (match === null) continue;
      const [, row, column, quoted, figure] = match;
      it(`${file}: ${quoted ?? figure}`, () => {
        const there = text
          .split('\n')
          [Number(row) - 1]?.slice(Number(column) - 1)
          .replace(/^"/, '');
        assert.ok(there?.startsWith((quoted ?? figure)!), `at ${row}:${column} stands ${there}`);
      });
    }
  }
});

describe('the schema', () => {
  const keys = keysOf(root);
  const wrong = new Set(
    FILES.flatMap((file) => expectedOf(file).lines).map((line) => {
      const path = /^\S+:\d+:\d+ (\S+): found /.exec(line)?.[1] ?? '';
      return patternOf(path);
    }),
  );

  it('has a fixture that gets it wrong for every key', () => {
    const untested = keys.filter(({ paths }) => ![...paths].some((path) => wrong.has(path)));
    assert.deepEqual(
      untested.map(({ paths }) => [...paths][0]),
      [],
      'write a fixture for each of these keys',
    );
  });

  it('is read whole by the walk', () => {
    const paths = new Set(keys.flatMap((k) => [...k.paths]));
    for (const path of [
      'serve.port',
      'limits.maxDuration',
      'targets.#.terminal.equals',
      'targets.#.prompts.file',
      'targets.#.simulator.gap.lognormal.stddev',
      'targets.#.simulator.faults.stall',
      'scenarios.*.targets.#.weight',
      'scenarios.*.thinkTime.uniform',
      'scenarios.*.stages.#.users.from',
      'scenarios.*.stages.#.rate.max',
      'scenarios.*.stages.#.preset',
      'schedules.*.timezone',
    ]) {
      assert.ok(paths.has(path), path);
    }
    assert.ok(keys.length > 100, `only ${keys.length} keys`);
  });
});
