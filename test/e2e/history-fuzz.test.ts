import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fill, openHistory, START_AT } from '../history/filled.ts';
import { stubApp } from '../http/stub.ts';
import { needs } from '../support/needs.ts';
import { start } from '../support/process.ts';
import { schemathesis } from '../support/schemathesis.ts';

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'use_after_free',
];

describe('the routes of the history under Schemathesis', { skip: needs('python-venv') }, () => {
  it('answer every request as documented, and none with 5xx', async () => {
    const st = schemathesis();
    const { history, remove } = await openHistory();
    const { app, errors } = stubApp({ history: () => history });
    const folder = mkdtempSync(join(tmpdir(), 'soakd-fuzz-'));
    try {
      for (let i = 0; i < 20; i++)
        await fill(history, `r${i}`, {
          windows: 7,
          startedAt: START_AT + i * 3_600_000,
          verdict: i % 3 === 0 ? 'fail' : 'pass',
          seed: i,
        });
      await fill(history, 'live', { windows: 7, startedAt: START_AT + 30 * 3_600_000, active: true });
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      const program = start(
        st,
        [
          'run',
          `${url}/api/v1/openapi.json`,
          '--include-path-regex=^/api/v1/runs(/\\{id\\}.*)?$',
          `--checks=${CHECKS.join(',')}`,
          '--max-examples=30',
          '--max-time=40',
          '--continue-on-failure',
          '--seed=1',
        ],
        { cwd: folder, env: { HYPOTHESIS_STORAGE_DIRECTORY: folder } },
      );
      try {
        assert.equal((await program.ended(150_000)).code, 0, program.output);
      } finally {
        await program.stop();
      }
      const cases = Number(/(\d+) generated/.exec(program.output)?.[1] ?? 0);
      assert.ok(cases > 500, `only ${cases} test cases`);
      assert.deepEqual(errors, []);
    } finally {
      await app.close();
      await remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
