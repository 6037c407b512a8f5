/** What the threads of a soak load: each module costs memory in each thread, for as long as soakd runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../../support/root.ts';

const run = promisify(execFile);

/** Returns what another process has loaded once it has imported a file of src/: modules of Node, and packages. */
async function loadedBy(file: string): Promise<readonly string[]> {
  const script = `
    import { createRequire } from 'node:module';
    await import('./src/${file}');
    const packages = Object.keys(createRequire(process.cwd() + '/x.js').cache)
      .map((path) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(path)?.[1]);
    console.log(JSON.stringify([...new Set(packages), ...process.moduleLoadList]));`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args, { cwd: ROOT });
  return JSON.parse(stdout);
}

/** An import of `node:http` loads the undici of Node, too: `core/node-http.ts`. */
const UNDICI = ['undici', 'NativeModule internal/deps/undici/undici'];

for (const [what, file, unwanted] of [
  ['the service', 'cli/serve.ts', [...UNDICI, 'pino-pretty']],
  ['an engine thread', 'load/worker.ts', [...UNDICI, 'NativeModule http2', 'NativeModule http']],
  ['the warm-up of an engine thread', 'load/warm-up.ts', [...UNDICI, 'NativeModule http']],
  ['a simulator', 'sim/simulator.ts', UNDICI],
] as const)
  test(`${what} does not load ${unwanted.join(', ')} before it needs them`, async () => {
    const loaded = await loadedBy(file);
    assert.ok(loaded.includes('NativeModule fs'), 'the list is that of Node');
    assert.deepEqual(
      loaded.filter((name) => (unwanted as readonly string[]).includes(name)),
      [],
    );
  });
