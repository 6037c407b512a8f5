import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/root.ts';

/** Which rooms a room of src/ may import, besides itself. docs/architecture.md shows it as a picture. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  // The courses of a load: one file each, pure functions of time.
  shapes: [],
  core: ['shapes'],
  // What soakd emits as JSON: a schema and the type of each record, in one place.
  schema: ['shapes', 'core'],
  // What the system tells of the machine: read here alone.
  machine: [],
  // What a stream of each format is, and how its bytes are classified: no I/O, no time.
  formats: ['core'],
  // What is measured of a stream: one record each.
  measures: ['formats', 'core'],
  catalog: ['measures', 'formats', 'shapes', 'core'],
  // How a target is reached and asked: from its options to what a stream needs. It sends DNS queries alone.
  target: ['formats', 'core'],
  // Pieces of PromQL, and the recording rules.
  promql: ['catalog', 'core'],
  // What limits there are, and the one place where a value is compared with them.
  thresholds: ['promql', 'catalog', 'measures', 'core'],
  // What a cron pattern means: the configuration checks with what the schedules run by.
  schedule: ['core'],
  config: ['machine', 'schedule', 'thresholds', 'measures', 'formats', 'catalog', 'target', 'shapes', 'core'],
  // Of the formats the names, the paths and the limits: its encodings share no code with what they check.
  sim: ['formats', 'machine', 'catalog', 'core'],
  gen: ['history', 'thresholds', 'promql', 'catalog', 'measures', 'core'],
  relay: ['catalog', 'core'],
  probe: ['stream', 'transport', 'formats', 'catalog', 'target', 'core'],
  drift: ['catalog', 'schema', 'core'],
  // Connections: how a request gets there and its bytes come back.
  transport: ['target', 'core'],
  stream: ['transport', 'formats', 'catalog', 'target', 'core'],
  doctor: ['machine', 'transport', 'formats', 'history', 'target', 'shapes', 'core'],
  load: ['stream', 'machine', 'transport', 'formats', 'catalog', 'measures', 'target', 'shapes', 'core'],
  sink: ['machine', 'catalog', 'measures', 'core'],
  // Runs on disk, in a thread of their own.
  history: ['sink', 'machine', 'catalog', 'measures', 'core'],
  run: [
    'load',
    'machine',
    'sink',
    'drift',
    'thresholds',
    'measures',
    'formats',
    'catalog',
    'target',
    'shapes',
    'schema',
    'core',
  ],
  // A rehearsal of a scenario: the engine without the service around it.
  calibrate: ['run', 'load', 'catalog', 'core'],
  report: ['run', 'sink', 'drift', 'thresholds', 'catalog', 'shapes', 'schema', 'core'],
  // Whether two finished runs differ: pure functions of their summaries and windows.
  compare: ['report', 'run', 'drift', 'measures', 'catalog', 'schema', 'core'],
  // What the levels of a run say: the knee, the capacity, the grades. Pure functions.
  analysis: ['compare', 'report', 'run', 'thresholds', 'measures', 'catalog', 'schema', 'core'],
  // The report: its sections, and their Markdown, HTML and JSON.
  document: [
    'analysis',
    'compare',
    'report',
    'run',
    'thresholds',
    'measures',
    'catalog',
    'shapes',
    'schema',
    'core',
  ],
  // The report of a run of the history, and the thread that writes it.
  'kept-report': [
    'version.ts',
    'machine',
    'document',
    'analysis',
    'compare',
    'history',
    'report',
    'schema',
    'core',
  ],
  // The search for the largest load at which the thresholds hold.
  capacity: ['run', 'load', 'sink', 'thresholds', 'measures', 'catalog', 'shapes', 'schema', 'core'],
  http: [
    'run',
    'report',
    'compare',
    'document',
    'history',
    'sink',
    'thresholds',
    'catalog',
    'schema',
    'core',
  ],
  // The page, in a browser: of the server the types of its answers, and pure functions of core.
  web: ['http', 'compare', 'core'],
  // What the composition root hands to the others: the log, and what is running.
  'log.ts': ['catalog', 'core'],
  'version.ts': [],
  // Types alone: what the package declares to other programs.
  'api.ts': ['http', 'report', 'probe', 'doctor', 'schema', 'core'],
  'simulators.ts': ['config', 'sim', 'machine', 'core'],
  // Parts of the composition root.
  'summaries.ts': ['version.ts', 'config', 'machine', 'report', 'run', 'sink', 'schema', 'core'],
  'plans.ts': ['version.ts', 'config', 'load', 'run', 'transport', 'target', 'core'],
  'service-thresholds.ts': ['http', 'report', 'run', 'thresholds', 'core'],
  'service-live-configuration.ts': ['http', 'run', 'shapes', 'core'],
  'service-app.ts': [
    'log.ts',
    'version.ts',
    'service-configuration.ts',
    'service-live-configuration.ts',
    'service-thresholds.ts',
    'config',
    'history',
    'http',
    'kept-report',
    'run',
    'sink',
    'core',
  ],
  'service-configuration.ts': ['log.ts', 'config', 'http', 'run', 'core'],
  'service-counters.ts': ['history', 'run', 'catalog', 'core'],
  'service-exporter.ts': ['version.ts', 'history', 'run', 'sink', 'core'],
  'service-listeners.ts': ['http', 'machine', 'core'],
  'service-status.ts': ['summaries.ts', 'version.ts', 'history', 'http', 'run', 'sink', 'core'],
  'kept-runs.ts': ['summaries.ts', 'history', 'report', 'run', 'catalog', 'schema', 'core'],
  'service.ts': [
    'log.ts',
    'summaries.ts',
    'plans.ts',
    'service-app.ts',
    'service-configuration.ts',
    'service-counters.ts',
    'service-exporter.ts',
    'service-listeners.ts',
    'service-status.ts',
    'kept-runs.ts',
    'history',
    'simulators.ts',
    'config',
    'machine',
    'sim',
    'transport',
    'load',
    'sink',
    'run',
    'schedule',
    'report',
    'http',
    'catalog',
    'schema',
    'core',
  ],
  cli: [
    'service.ts',
    'kept-report',
    'history',
    'simulators.ts',
    'calibrate',
    'compare',
    'analysis',
    'document',
    'capacity',
    'log.ts',
    'version.ts',
    'config',
    'sim',
    'relay',
    'probe',
    'doctor',
    'machine',
    'transport',
    'formats',
    'target',
    'report',
    'gen',
    'http',
    'history',
    'catalog',
    'schema',
    'core',
    'sink',
  ],
};

/** Packages that only some files may know, by how their paths under src/ begin. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'prom-client': ['sink/prometheus'],
  undici: ['transport/'],
  fastify: ['http/'],
  '@fastify/swagger': ['http/'],
  pino: ['log.ts'],
  commander: ['cli/'],
  'node-cron': ['schedule/pattern.ts'],
  yaml: ['config/', 'gen/'],
  zod: ['config/', 'schema/', 'http/', 'document/table-file.ts'],
  '@grafana/grafana-foundation-sdk': ['gen/dashboards/'],
  'simple-statistics': ['drift/', 'analysis/'],
  '@observablehq/plot': ['document/render/plot-svg.ts'],
  linkedom: ['document/render/plot-svg.ts'],
  'node:sqlite': ['history/'],
  preact: ['web/'],
  uplot: ['web/'],
};

/** The only packages of npm that core knows. */
const CORE_PACKAGES = ['pure-rand', 'd3-random'];

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = /^(utils?|helpers?|types)$/;
const MAX_LINES = 400;

interface Import {
  readonly specifier: string;
  /** The address of a worker's file: it crosses rooms as an import does, but the module is not loaded here. */
  readonly url: boolean;
}

type Sources = Readonly<Record<string, string>>;

function importsOf(source: string): Import[] {
  const found: Import[] = [];
  const add = (pattern: RegExp, url = false) => {
    for (const match of source.matchAll(pattern)) found.push({ specifier: match[1]!, url });
  };
  // From the start of a line, so that an example in a comment is not taken for one.
  add(/^\s*(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm);
  add(/^\s*import\s*['"]([^'"]+)['"]/gm);
  add(/^(?!\s*(?:\*|\/\/)).*?\b(?:import|require)\(\s*['"`]([^'"`]+)['"`]/gm);
  add(/\bnew URL\(\s*['"`](\.{1,2}\/[^'"`]+\.ts)['"`]\s*,\s*import\.meta\.url/g, true);
  add(/\bimport\.meta\.resolve\(\s*['"`](\.{1,2}\/[^'"`]+)['"`]/g, true);
  return found;
}

function roomOf(file: string): string {
  const slash = file.indexOf('/');
  return slash === -1 ? file : file.slice(0, slash);
}

/** @param sources text by path under src/ */
function violations(sources: Sources): string[] {
  const wrong: string[] = [];
  for (const [file, source] of Object.entries(sources)) {
    const room = roomOf(file);
    if (!(room in ROOMS)) {
      wrong.push(`${file}: there is no room ${room}; the rooms are ${Object.keys(ROOMS).join(', ')}`);
      continue;
    }
    if (file.split('/').some((part) => EMPTY_NAMES.test(basename(part, '.ts')))) {
      wrong.push(`${file}: name it after what is inside`);
    }
    const lines = source.split('\n').length - 1;
    if (lines > MAX_LINES) wrong.push(`${file}: ${lines} lines, more than ${MAX_LINES}: it has two jobs`);
    if (/\bimport\(\s*[^'"`)\s]/.test(source))
      wrong.push(`${file}: an import of a computed name cannot be checked`);
    for (const { specifier } of importsOf(source)) {
      const schemaIssue = specifier.startsWith('.')
        ? wrongFile(file, room, specifier, sources)
        : wrongPackage(file, room, specifier);
      if (schemaIssue !== undefined) wrong.push(`${file}: imports ${specifier}: ${schemaIssue}`);
    }
  }
  return wrong.concat(cycles(sources).map((cycle) => `import cycle: ${cycle.join(' → ')}`));
}

function wrongFile(file: string, room: string, specifier: string, sources: Sources): string | undefined {
  const target = normalize(join(dirname(file), specifier));
  // package.json, for the version.
  if (target === '../package.json') return undefined;
  if (!(target in sources)) return 'no such file under src/';
  const other = roomOf(target);
  if (other === room || ROOMS[room]!.includes(other)) return undefined;
  return `${room} may import ${ROOMS[room]!.join(', ') || 'no other room'}`;
}

function wrongPackage(file: string, room: string, specifier: string): string | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const allowed = PACKAGES[name];
  if (allowed !== undefined && !allowed.some((start) => file.startsWith(start))) {
    return `only src/${allowed.join(' and src/')} may know it`;
  }
  if (room === 'core' && !name.startsWith('node:') && !CORE_PACKAGES.includes(name)) {
    return `core knows only ${CORE_PACKAGES.join(' and ')}`;
  }
  return undefined;
}

function cycles(sources: Sources): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      found.push([...path.slice(at), file]);
      return;
    }
    if (done.has(file)) return;
    for (const { specifier, url } of importsOf(sources[file]!)) {
      const target = normalize(join(dirname(file), specifier));
      if (!url && specifier.startsWith('.') && target in sources) visit(target, [...path, file]);
    }
    done.add(file);
  };
  for (const file of Object.keys(sources)) visit(file, []);
  return found;
}

test('every import in src/ points down', () => {
  const src = join(ROOT, 'src');
  const files = globSync('**/*.ts', { cwd: src });
  assert.ok(files.length > 10, 'src/ was not found');
  const sources = Object.fromEntries(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));
  assert.deepEqual(violations(sources), []);
});

// The test above is worth what the check below finds.
const MISTAKES: readonly [what: string, sources: Sources, schemaIssue: RegExp][] = [
  [
    'a room above',
    { 'core/a.ts': "import { b } from '../run/b.ts';", 'run/b.ts': '' },
    /core may import shapes/,
  ],
  [
    'a type of it',
    { 'sink/a.ts': "import type {\n  B,\n} from '../run/b.ts';", 'run/b.ts': '' },
    /sink may import/,
  ],
  ['an inline type', { 'sink/a.ts': "let b: import('../run/b.ts').B;", 'run/b.ts': '' }, /sink may import/],
  [
    'a re-export',
    { 'run/a.ts': "export * from '../stream/b.ts';", 'stream/b.ts': '' },
    /run may import load/,
  ],
  ['a side effect', { 'run/a.ts': "import '../config/b.ts';", 'config/b.ts': '' }, /run may import load/],
  [
    'a dynamic import',
    { 'http/a.ts': "await import('../load/b.ts');", 'load/b.ts': '' },
    /http may import run/,
  ],
  [
    'a worker',
    { 'run/a.ts': "new URL('../sim/b.ts', import.meta.url)", 'sim/b.ts': '' },
    /run may import load/,
  ],
  [
    'cli past the service',
    { 'cli/a.ts': "import { b } from '../run/b.ts';", 'run/b.ts': '' },
    /cli may import/,
  ],
  [
    'the service up',
    { 'service.ts': "import { b } from './cli/b.ts';", 'cli/b.ts': '' },
    /service.ts may import/,
  ],
  ['a file that is not there', { 'core/a.ts': "import './b.ts';" }, /no such file/],
  ['a computed name', { 'cli/a.ts': 'await import(name);' }, /cannot be checked/],
  [
    'prom-client elsewhere',
    { 'http/a.ts': "import { Registry } from 'prom-client';" },
    /only src\/sink\/prometheus/,
  ],
  ['undici elsewhere', { 'load/a.ts': "import type { Client } from 'undici';" }, /only src\/transport/],
  ['a part of fastify elsewhere', { 'cli/a.ts': "import 'fastify/x.js';" }, /only src\/http/],
  [
    'zod elsewhere',
    { 'sim/a.ts': "import { z } from 'zod';" },
    /only src\/config\/ and src\/schema\/ and src\/http\/ and src\/document/,
  ],
  ['a package in core', { 'core/a.ts': "import pino from 'left-pad';" }, /core knows only/],
  [
    'a cycle',
    { 'run/a.ts': "import './b.ts';", 'run/b.ts': "export { a } from './a.ts';" },
    /import cycle: run\/a/,
  ],
  ['a new room', { 'misc/a.ts': '' }, /there is no room misc/],
  ['an empty name', { 'run/utils.ts': '' }, /name it/],
  ['an empty folder name', { 'run/types/a.ts': '' }, /name it/],
  ['a long file', { 'run/a.ts': '\n'.repeat(401) }, /401 lines/],
];

for (const [what, sources, schemaIssue] of MISTAKES) {
  test(`the check finds ${what}`, () => {
    const found = violations(sources);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, schemaIssue);
  });
}

test('the check leaves good imports alone', () => {
  const sources = {
    'core/a.ts': "import { randomNormal } from 'd3-random';\nimport { isIP } from 'node:net';",
    'sink/prometheus.ts': "import { Registry } from 'prom-client';\nimport { a } from '../core/a.ts';",
    'transport/b.ts': " * import { x } from '../run/x.ts'\nimport { Client } from 'undici';",
    'load/pool.ts': "import './b.ts';\nnew Worker(new URL('./worker.ts', import.meta.url));",
    'load/b.ts': '',
    'load/worker.ts': "import './pool.ts';",
    'cli/main.ts': "import pkg from '../../package.json' with { type: 'json' };\nimport '../service.ts';",
    'service.ts': "import { b } from './load/b.ts';",
  };
  assert.deepEqual(violations(sources), []);
});

/** Which folders beside src/ import which; `support` is what the others share. */
const BESIDES: Readonly<Record<string, readonly string[]>> = {
  support: ['src'],
  // The trials include a bench.
  scripts: ['src', 'support', 'bench'],
  bench: ['src', 'support', 'scripts'],
};

test('scripts and bench import nothing from test/, and support nothing but src/', () => {
  const wrong = Object.entries(BESIDES).flatMap(([folder, others]) => {
    const files = globSync(`${folder}/**/*.ts`, { cwd: ROOT });
    assert.ok(files.length > 10, `${folder}/ was not found`);
    return files.flatMap((file) =>
      importsOf(readFileSync(join(ROOT, file), 'utf8'))
        .filter(({ specifier }) => specifier.startsWith('.') && !specifier.endsWith('.json'))
        .map(({ specifier }) => normalize(join(dirname(file), specifier)))
        .filter((target) => ![folder, ...others].includes(roomOf(target)))
        .map((target) => `${file}: imports ${target}`),
    );
  });
  assert.deepEqual(wrong, []);
});
