import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages } from '../../scripts/test/install.ts';
import { CACHE, ROOT } from './root.ts';

/** How to start a tool, and which it is. */
export interface Program {
  readonly argv: readonly string[];
  readonly version: string;
}

/** Gets a tool, once; what is there already is taken. @throws Error why it cannot be had */
export type Install = () => Program;

const LIMIT_MS = 600_000;
const PYTHON = join(CACHE, 'python');
const NPM = join(CACHE, 'npm');
/** The last of them that the module proxy gives. */
const K6_VERSION = 'v1.8.1';

/** soakd of this checkout, from its sources. */
export const installSoakd: Install = () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return {
    argv: [process.execPath, '--disable-warning=ExperimentalWarning', join(ROOT, 'src/cli/main.ts')],
    version,
  };
};

/** A package that bench/peers/package-lock.json names, run by the same Node as soakd. */
export function fromNpm(name: string, entry: string): Install {
  return () => {
    const manifest = join(NPM, 'node_modules', name, 'package.json');
    if (!existsSync(manifest)) {
      mkdirSync(NPM, { recursive: true });
      for (const file of ['package.json', 'package-lock.json']) {
        copyFileSync(join(import.meta.dirname, file), join(NPM, file));
      }
      // Their scripts build what is not needed here, and need not run on every machine.
      must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: NPM });
    }
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { argv: [process.execPath, join(NPM, 'node_modules', name, entry)], version };
  };
}

/** A program of a Debian package; installed only by root on Debian, else it must be there. */
export function fromDebian(
  program: string,
  packageName: string,
  version: readonly string[],
  is: RegExp,
): Install {
  return () => {
    if (which(program) === undefined) installPackages([packageName]);
    const path = which(program);
    if (path === undefined) throw new Error(`it is not in PATH: apt-get install ${packageName}`);
    const { stdout, stderr } = spawnSync(path, version, { encoding: 'utf8', timeout: 10_000 });
    const own = is.exec(`${stdout}${stderr}`)?.[1];
    return { argv: [path], version: own ?? debianVersion(packageName) };
  };
}

/** A package of Python, in a virtual environment of its own. */
export function fromPython(name: string, program: string): Install {
  return () => {
    const packages = join(import.meta.dirname, 'scripts/requirements.txt');
    if (!existsSync(join(PYTHON, 'bin', 'locust'))) {
      must('python3', ['-m', 'venv', PYTHON]);
      must(join(PYTHON, 'bin/pip'), ['install', '--quiet', '--requirement', packages]);
    }
    const asked = `import importlib.metadata as m; print(m.version('${name}'))`;
    const version = must(join(PYTHON, 'bin/python'), ['-c', asked]).trim();
    return { argv: [join(PYTHON, 'bin', program)], version };
  };
}

/** Built by Go, since no registry of packages has it. */
export const installK6: Install = () => {
  const binary = join(CACHE, 'bin/k6');
  if (!existsSync(binary)) {
    const go = which('go') ?? '/usr/local/go/bin/go';
    if (!existsSync(go)) throw new Error('it is built with Go, and there is none');
    must(go, ['install', '-ldflags=-s -w', `go.k6.io/k6@${K6_VERSION}`], {
      cwd: CACHE,
      env: { GOBIN: join(CACHE, 'bin') },
    });
  }
  return { argv: [binary], version: K6_VERSION.slice(1) };
};

function must(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): string {
  const result = spawnSync(program, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (result.status === 0) return result.stdout;
  const why = result.error?.message ?? result.stderr.trim().split('\n').at(-1) ?? '';
  throw new Error(`${program} ${args.slice(0, 2).join(' ')} failed: ${why}`);
}

function which(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function debianVersion(packageName: string): string {
  const result = spawnSync('dpkg-query', ['-W', '-f', `\${Version}`, packageName], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : 'of unknown version';
}
