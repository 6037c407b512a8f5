import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DEFAULT_DASHBOARDS, dashboardFiles } from '../../src/gen/dashboards/files.ts';
import { ROOT } from '../../support/root.ts';
import { lint } from '../gen/dashboards-lint.ts';
import { panelsOf, queriesOf, readDashboard } from '../gen/dashboards-reading.ts';

const FOLDER = join(ROOT, 'dashboards');
const files = globSync('*', { cwd: FOLDER }).sort();
const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

describe('the committed dashboards', () => {
  it('are those of the code', () => {
    const made = dashboardFiles(DEFAULT_DASHBOARDS);
    assert.deepEqual(files, Object.keys(made).sort());
    for (const file of files) assert.equal(read(file), made[file], `${file}: run npm run generate`);
  });

  it('have the addresses that links lead to', () => {
    assert.deepEqual(
      files.map((file) => readDashboard(read(file)).uid),
      ['soak-generator', 'soak-overview', 'soak-target'],
    );
  });

  for (const file of files) {
    it(`${file} breaks no rule`, () => {
      const dashboard = readDashboard(read(file));
      assert.ok(panelsOf(dashboard).length >= 10 && queriesOf(dashboard).length >= 10);
      assert.deepEqual(lint(dashboard), []);
    });
  }
});
