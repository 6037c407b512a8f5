import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from '../../support/root.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly uses?: string;
        readonly container?: string;
        readonly permissions?: Readonly<Record<string, string>>;
        readonly 'timeout-minutes'?: number;
        readonly steps?: readonly Step[];
      }
    >
  >;
}

const FILES = globSync('.github/workflows/*.yml', { cwd: ROOT });
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const NODE: string = manifest.devDependencies.node;

/** By a commit, with the version in a comment; or a file of this repository. */
const PINNED = /^\s*(?:- )?uses: (?:\.\/\S+|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/;

/** @returns what is wrong with a workflow, in lines */
function faultsOf(text: string): string[] {
  const { permissions, concurrency, jobs }: Workflow = parse(text);
  const faults = text
    .split('\n')
    .filter((line) => /^\s*(- )?uses:/.test(line) && !PINNED.test(line))
    .map((line) => `not pinned: ${line.trim()}`);
  if (JSON.stringify(permissions) !== '{"contents":"read"}') faults.push('more than contents: read for all');
  if (concurrency === undefined) faults.push('no concurrency');
  for (const [name, job] of Object.entries(jobs)) {
    if (job.uses !== undefined) continue;
    if (job['timeout-minutes'] === undefined) faults.push(`${name}: no timeout`);
    if (job.container !== undefined && !job.container.startsWith(`node:${NODE}-`))
      faults.push(`${name}: not the pinned Node`);
    for (const { uses, run, with: given } of job.steps ?? []) {
      if (uses?.startsWith('actions/checkout@') && given?.['persist-credentials'] !== false)
        faults.push(`${name}: the token stays in the checkout`);
      if (uses?.startsWith('actions/setup-node@') && given?.['node-version'] !== NODE)
        faults.push(`${name}: not the pinned Node`);
      // A name or a title that somebody chose would be run as shell.
      if (run?.includes('${{')) faults.push(`${name}: an expression in a script`);
    }
  }
  return faults;
}

describe('the workflows of GitHub', () => {
  it('are those of CI and of a release', () => {
    assert.deepEqual(FILES.map((file) => basename(file)).sort(), ['ci.yml', 'release.yml']);
  });

  for (const file of FILES) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    it(`${file} pins its actions and the Node, and asks for few permissions`, () => {
      assert.deepEqual(faultsOf(text), []);
    });

    it(`${file} runs scripts that package.json has`, () => {
      const jobs = Object.values((parse(text) as Workflow).jobs);
      const scripts = jobs.flatMap(({ steps = [] }) =>
        steps.flatMap(({ run = '' }) => [...run.matchAll(/\bnpm run (\S+)/g)].map(([, name]) => name!)),
      );
      for (const name of scripts) assert.ok(name in manifest.scripts, name);
    });
  }

  it('one action has one version in all of them', () => {
    const versions = new Map<string, Set<string>>();
    for (const file of FILES)
      for (const [, action, version] of readFileSync(join(ROOT, file), 'utf8').matchAll(
        /uses: ([\w.-]+\/[\w./-]+)@(\S+)/g,
      ))
        versions.set(action!, (versions.get(action!) ?? new Set()).add(version!));
    assert.ok(versions.size >= 10);
    for (const [action, all] of versions) assert.equal(all.size, 1, action);
  });

  it('only the jobs that publish may write', () => {
    const writing = FILES.flatMap((file) =>
      Object.entries((parse(readFileSync(join(ROOT, file), 'utf8')) as Workflow).jobs).flatMap(
        ([name, { permissions = {} }]) =>
          Object.entries(permissions).flatMap(([what, how]) => (how === 'write' ? [`${name} ${what}`] : [])),
      ),
    );
    assert.deepEqual(writing.sort(), [
      'image attestations',
      'image id-token',
      'image packages',
      'npm attestations',
      'npm id-token',
      'release contents',
    ]);
  });

  it('a careless workflow is found out', () => {
    const careless = `on: push
permissions: write-all
jobs:
  a:
    container: node:20
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444
        with: { node-version: 20 }
      - run: echo \${{ github.head_ref }}
`;
    assert.deepEqual(faultsOf(careless), [
      'not pinned: - uses: actions/checkout@v5',
      'not pinned: - uses: actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444',
      'more than contents: read for all',
      'no concurrency',
      'a: no timeout',
      'a: not the pinned Node',
      'a: the token stays in the checkout',
      'a: not the pinned Node',
      'a: an expression in a script',
    ]);
  });
});
