import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { billOfMaterials } from '../../scripts/build/bill-of-materials.ts';
import { assertHealthy } from '../../support/healthy.ts';
import { type Packed, pack } from '../../support/packed.ts';
import { freePort } from '../../support/ports.ts';
import { type Running, start } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';

/** All that may be in the package. */
const ALLOWED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|soakd\.yaml)$/,
  /^bin\/soakd\.cjs$/,
  /^dist\/([a-z0-9-]+\/)*[a-z0-9-]+\.(js|d\.ts)$/,
  /^dist\/web\/style\.css$/,
  /^dist\/(sbom\.cdx\.json|revision)$/,
  /^docs\/(reports\/)?[a-z-]+\.md$/,
  /^dashboards\/[a-z-]+\.json$/,
  /^prometheus\/(rules\/)?[a-z.-]+\.yml$/,
  /^packaging\/systemd\/soakd\.service$/,
];
const NEEDED = [
  'bin/soakd.cjs',
  'dist/cli/main.js',
  'dist/kept-report/report-entry.js',
  'dist/load/worker-entry.js',
  'dist/sim/thread-entry.js',
  'dist/web/main.js',
  'dist/web/style.css',
  'dist/api.d.ts',
  'dist/sbom.cdx.json',
  'prometheus/alertmanager.yml',
  'prometheus/prometheus.yml',
  'packaging/systemd/soakd.service',
  'soakd.yaml',
  'LICENSE',
];

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const locked: Record<string, { version: string; dev?: boolean; hasInstallScript?: boolean }> = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
).packages;

describe('the npm package', () => {
  let packed: Packed;
  let unreachable: string | undefined;
  before(
    async () => {
      packed = await pack();
      unreachable = await packed.install();
    },
    { timeout: 170_000 },
  );
  after(() => packed?.remove());

  const file = (path: string) => join(packed.folder, 'node_modules/soakd', path);
  const soakd = (node: string, ...args: string[]): Running =>
    start(node, [file('bin/soakd.cjs'), ...args], { cwd: packed.folder });
  const installed = (t: TestContext): boolean => {
    if (unreachable !== undefined) t.skip(unreachable);
    return unreachable === undefined;
  };

  it('holds what is needed and nothing else', () => {
    assert.deepEqual(
      packed.files.filter((path) => !ALLOWED.some((pattern) => pattern.test(path))),
      [],
    );
    assert.deepEqual(
      NEEDED.filter((path) => !packed.files.includes(path)),
      [],
    );
  });

  it('depends on what it imports, and on nothing else', () => {
    const imported = new Set<string>();
    for (const path of packed.files.filter((p) => p.endsWith('.js'))) {
      const text = readFileSync(join(packed.checkout, path), 'utf8');
      for (const importing of [
        /^(?:import|export) .*?\bfrom '((?:@[^/']+\/)?[^./'][^/']*)/gm,
        /\b(?:require|import)\(["']((?:@[^/'"]+\/)?[^./'"][^/'"]*)/g,
        // Files of packages that the page loads.
        ...(path.endsWith('http/assets.js') ? [/^\s+'[\w-]+\.(?:js|css)': '([^./'][^/']*)/gm] : []),
      ])
        for (const [, name] of text.matchAll(importing)) if (!name!.startsWith('node:')) imported.add(name!);
    }
    assert.deepEqual([...imported].sort(), Object.keys(manifest.dependencies).sort());
  });

  it('has a bill of materials: the packages of package-lock.json that are not for development', () => {
    const sbom = JSON.parse(readFileSync(join(packed.checkout, 'dist/sbom.cdx.json'), 'utf8'));
    const listed = sbom.components.map((c: { purl: string }) => decodeURIComponent(c.purl)).sort();
    const wanted = Object.entries(locked)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, { version }]) => `pkg:npm/${path.replace(/^.*node_modules\//, '')}@${version}`);
    assert.deepEqual(listed, [...new Set(wanted)].sort());
    for (const [name, version] of Object.entries(manifest.dependencies))
      assert.ok(listed.includes(`pkg:npm/${name}@${version}`), name);
    assert.equal(sbom.metadata.component.purl, `pkg:npm/soakd@${manifest.version}`);
  });

  it('needs no install script, its own or another', () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.equal(manifest.scripts[name], undefined, name);
    const scripted = Object.entries(locked).filter(([, p]) => p.dev !== true && p.hasInstallScript === true);
    assert.deepEqual(scripted, []);
  });

  it('is a command: npx soakd says its version, and help where it is told nothing', async (t) => {
    if (!installed(t)) return;
    const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
    const npx = (...args: string[]) =>
      start('npx', ['--no-install', 'soakd', ...args], { cwd: packed.folder, env: { PATH } });
    const [version, nothing] = [npx('--version'), npx()];
    assert.equal((await version.ended(30_000)).code, 0, version.output);
    assert.equal(version.stdout.text, `${manifest.version}\n`);
    assert.equal((await nothing.ended(30_000)).code, 2, nothing.output);
    assert.match(nothing.stderr.text, /Usage: soakd .*--config \S+node_modules\/soakd\/soakd\.yaml/s);
    assert.doesNotMatch(nothing.stderr.text, /npm (run|start)/);
  });

  for (const [what, node] of nodes()) {
    it(`runs under ${what}`, async (t) => {
      if (!installed(t)) return;
      const port = await freePort();
      const simulator = soakd(node, 'simulate', '--preset', 'quick', '--port', String(port));
      await simulator.line(/ground truth/, 30_000);
      const url = `http://127.0.0.1:${port}/`;
      const config = join(packed.folder, `${port}.yaml`);
      writeFileSync(config, BUILT_IN);
      const runs = [
        soakd(
          node,
          'run',
          '--json',
          '--target',
          url,
          '--users',
          '5',
          '--for',
          '2s',
          '--terminal',
          '[DONE]',
          '--max-measurement-lag',
          '10s',
        ),
        // With a simulator in a thread of its own.
        soakd(node, 'run', '--json', 'short', '--config', config),
      ];
      for (const run of runs) {
        const { code } = await run.ended(60_000);
        assert.ok(code === 0 || code === 5, run.output);
        const summary = JSON.parse(run.stdout.text);
        assertHealthy(summary, code);
        const { streams } = summary;
        assert.ok(streams.finished.complete >= 5, run.output);
        assert.doesNotMatch(run.stderr.text, /Warning|\.ts\b/, 'nothing of Node, nothing of sources');
      }
      await simulator.stop();
    });
  }

  it('tells other programs the types of what it says', (t) => {
    if (!installed(t)) return;
    writeFileSync(join(packed.folder, 'consumer.ts'), CONSUMER);
    const { stdout } = spawnSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      ['--strict', '--noEmit', '--module', 'nodenext', '--types', '', 'consumer.ts'],
      { cwd: packed.folder, encoding: 'utf8' },
    );
    assert.equal(stdout, '');
  });
});

/** The pinned Node, and the one on the path where it is another that the package supports. */
function nodes(): [what: string, path: string][] {
  const { stdout } = spawnSync('node', ['-p', 'process.version + " " + process.execPath'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: pathWithoutModules() },
  });
  const [version = '', path = ''] = stdout.trim().split(' ');
  const all: [string, string][] = [[`Node ${process.version}`, process.execPath]];
  if (supports(version.slice(1)) && version !== process.version) all.push([`Node ${version}`, path]);
  return all;
}

/** npm puts node_modules/.bin first, which has the pinned Node. */
function pathWithoutModules(): string {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
}

function supports(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 19);
}

const BUILT_IN = `maxMeasurementLag: 10s
targets: [{ name: built-in, simulator: { preset: quick } }]
scenarios: { short: { target: built-in, stages: [{ users: 5, for: 2s }] } }
`;

const CONSUMER = `
import type { Status, Summary } from 'soakd';
export function share({ streams }: Summary): number {
  return streams.finished.complete / streams.started;
}
export const last = (status: Status): number | undefined => (status.last === null ? undefined : share(status.last));
// @ts-expect-error: the types are really there
export const wrong = (summary: Summary): string => summary.streams.started;
`;

describe('its command under another Node', () => {
  it('is refused by those that package.json does not name', () => {
    assert.equal(manifest.engines.node, '^22.19.0 || >=24.0.0');
    for (const version of ['10.24.1', '20.20.2', '22.18.0', '23.11.1', '22.19.0', '24.0.0']) {
      const fake = `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"${version}"}})`;
      const bin = join(ROOT, 'bin/soakd.cjs');
      const { status, stderr } = spawnSync(process.execPath, ['--import', fake, bin], { encoding: 'utf8' });
      if (supports(version)) assert.doesNotMatch(stderr, /found Node/, version);
      else {
        assert.equal(status, 4);
        assert.match(stderr, new RegExp(`^soakd: found Node ${version}, expected 22\\.19 .*\\n$`));
      }
    }
  });
});

describe('the bill of materials', () => {
  const made = (name: string, serial: string, timestamp: string, version = '1.0.0') =>
    JSON.stringify({
      $schema: 's',
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: `urn:uuid:${serial}`,
      metadata: { timestamp, component: { 'bom-ref': '@scope/soakd@0.1.0', type: 'library', name } },
      components: [{ purl: `pkg:npm/a@${version}` }],
    });

  it('is the same for the same dependencies, and another for others', () => {
    const one = billOfMaterials(made('checkout', 'a', '2026-01-01'));
    assert.equal(one, billOfMaterials(made('elsewhere', 'b', '2026-01-02')));
    const { serialNumber, metadata } = JSON.parse(one);
    assert.match(serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual([metadata.component.name, metadata.timestamp], ['@scope/soakd', undefined]);
    const other = JSON.parse(billOfMaterials(made('checkout', 'a', '2026-01-01', '1.0.1')));
    assert.notEqual(other.serialNumber, serialNumber);
  });
});
