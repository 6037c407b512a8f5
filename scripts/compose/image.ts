import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { readText } from './committed.ts';
import type { Docker } from './engine.ts';

/** What the image may have under /app besides packages and src/. */
const APP_FILES = ['prometheus/alertmanager.yml', 'LICENSE', 'healthcheck.mjs', 'package.json'];
/** Compressed it is about a quarter; Node and Debian below it are some 220 MB. */
const MAX_OWN_BYTES = 45 * 2 ** 20;

/** @returns all files of an image, by their paths without the first slash */
export async function filesOf(docker: Docker, image: string, folder: string): Promise<string[]> {
  const container = await docker(['create', '--network=none', image]);
  const tar = join(folder, 'image.tar');
  try {
    await docker(['export', '--output', tar, container]);
    const paths = await run('tar', ['--list', '--file', tar]);
    return paths.split('\n').filter((path) => !path.endsWith('/'));
  } finally {
    rmSync(tar, { force: true });
    await docker(['rm', container]);
  }
}

/**
 * @returns how many files are ours
 * @throws Error when there is a file that nobody asked for: a test, a secret, a tool
 */
export function checkFiles(files: readonly string[]): string {
  const app = files.filter((path) => path.startsWith('app/') && !path.startsWith('app/node_modules/'));
  const strange = app
    .map((path) => path.slice('app/'.length))
    .filter((path) => !APP_FILES.includes(path) && !/^src\/(.*\.ts|web\/style\.css)$/.test(path));
  if (strange.length > 0) throw new Error(`nobody asked for ${strange.join(', ')}`);
  if (!app.includes('app/src/cli/main.ts')) throw new Error('there is no src/cli/main.ts');
  return `${app.length} files besides packages`;
}

/**
 * @returns how many packages there are
 * @throws Error when they are not those of package-lock.json that are needed at run time
 */
export function checkPackages(files: readonly string[]): string {
  const found = files
    .map((path) =>
      /^app\/((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+)package\.json$/.exec(path)?.[1]?.slice(0, -1),
    )
    .filter((path) => path !== undefined);
  const { packages } = JSON.parse(readText('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const wanted = Object.keys(packages).filter((path) => path !== '' && packages[path]!.dev !== true);
  const extra = found.filter((path) => !wanted.includes(path));
  const missing = wanted.filter((path) => !found.includes(path) && packages[path]!.optional !== true);
  if (extra.length > 0) throw new Error(`not needed at run time: ${extra.join(', ')}`);
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
  return `${found.length} packages, as package-lock.json has them`;
}

/** @returns the image's layers above its base, and their sizes */
export async function checkSize(docker: Docker, image: string, base: string): Promise<string> {
  const [size, baseSize] = await Promise.all(
    [image, base].map(async (name) => Number(await docker(['image', 'inspect', '--format={{.Size}}', name]))),
  );
  const own = size! - baseSize!;
  const rows = (await docker(['history', '--format={{.Size}}\t{{.CreatedBy}}', image])).split('\n');
  const layers = rows
    .filter((row) => !row.startsWith('0B'))
    .slice(0, -1)
    .map((row) => row.replace(/\/bin\/sh -c #\(nop\)\s*/, '').replace('\t', ' '));
  const sum = `${megabytes(own)} on a base of ${megabytes(baseSize!)} in ${layers.length} layers (${layers.join('; ')})`;
  if (own > MAX_OWN_BYTES) throw new Error(`${sum}: more than ${megabytes(MAX_OWN_BYTES)}`);
  return sum;
}

interface ImageConfig {
  readonly User: string;
  readonly StopSignal: string;
  readonly Entrypoint: readonly string[];
  readonly Healthcheck?: { readonly Test: readonly string[] };
  readonly Labels: Readonly<Record<string, string>>;
}

/** @throws Error when a default of the image is not what the documentation promises */
export async function checkDefaults(docker: Docker, image: string): Promise<string> {
  const config = JSON.parse(
    await docker(['image', 'inspect', '--format={{json .Config}}', image]),
  ) as ImageConfig;
  const wrong = Object.entries({
    'a user that is not root': /^[1-9]\d*:[1-9]\d*$/.test(config.User),
    'the stop signal SIGTERM': config.StopSignal === 'SIGTERM',
    'node as process 1': config.Entrypoint[0] === 'node',
    'a health check': config.Healthcheck?.Test[0] === 'CMD',
    'a licence in its labels': config.Labels['org.opencontainers.image.licenses'] === 'Apache-2.0',
  }).filter(([, right]) => !right);
  if (wrong.length > 0) throw new Error(`without ${wrong.map(([what]) => what).join(', ')}`);
  return `user ${config.User}, ${config.Entrypoint.join(' ')}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
