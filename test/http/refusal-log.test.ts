import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import { problemOf } from '../../src/http/problem.ts';
import { REFUSAL_RATES, RefusalLog } from '../../src/http/refusal-log.ts';
import { ROOT } from '../../support/root.ts';

const FORBIDDEN = problemOf(new SoakError('FORBIDDEN', 'x'.repeat(1000)));
const call = (address: string, path = '/api/v1/runs') => ({ method: 'POST', path, by: '', address });

function logged() {
  const lines: { readonly address: string; readonly suppressed?: number; readonly detail: string }[] = [];
  let nowMs = 0;
  const log = new RefusalLog({ warn: (facts) => lines.push(facts as never) }, () => nowMs);
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { log, lines, wait };
}

describe('the log of refused calls', () => {
  it('has a bounded number of lines for a client, and the next one counts the others', () => {
    const { log, lines, wait } = logged();
    for (let i = 0; i < 1000; i++) log.refused(call('127.0.0.2'), FORBIDDEN);
    assert.equal(lines.length, REFUSAL_RATES.client.burst);
    log.refused(call('127.0.0.3'), FORBIDDEN);
    assert.equal(lines.at(-1)!.suppressed, 990);
    wait(6000);
    log.refused(call('::ffff:127.0.0.2'), FORBIDDEN);
    assert.equal(lines.length, 12);
    assert.equal(lines.at(-1)!.suppressed, undefined);
  });

  it('has a bounded number of lines for all clients, and bounded lines', () => {
    const { log, lines } = logged();
    for (let i = 0; i < 1000; i++) log.refused(call(`10.0.0.${i % 250}`, '/x'.repeat(1000)), FORBIDDEN);
    assert.equal(lines.length, REFUSAL_RATES.all.burst);
    assert.ok(JSON.stringify(lines[0]).length < 1000);
  });

  it('has no request that is only wrong', () => {
    const { log, lines } = logged();
    for (const code of ['USAGE', 'RUN_UNKNOWN', 'INTERNAL'] as const)
      log.refused(call('127.0.0.2'), problemOf(new SoakError(code, 'x')));
    assert.deepEqual(lines, []);
  });

  it('is documented with its rates', () => {
    const docs = readFileSync(join(ROOT, 'docs/running.md'), 'utf8').replaceAll('\n', ' ');
    const { client, all } = REFUSAL_RATES;
    assert.ok(
      docs.includes(
        `logs at most ${client.burst} such lines for each address at first, then ${Math.round(client.perSecond * 60)} a ` +
          `minute, and over all addresses at most one a second (bursts of ${all.burst})`,
      ),
    );
  });
});
