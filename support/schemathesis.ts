import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/** Its requirements, its configuration and its hooks. */
export const SCHEMATHESIS_FOLDER = join(ROOT, 'support/schemathesis');
const INSTALL_TIMEOUT_MS = 150_000;

/** Returns the program `st`. The first call on a machine installs it, and the first one after its requirements changed. */
export function schemathesis(): string {
  const venv = join(SCHEMATHESIS_FOLDER, '.venv');
  const stamp = join(venv, 'stamp');
  const wanted = readFileSync(join(SCHEMATHESIS_FOLDER, 'requirements.txt'), 'utf8');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(venv, { recursive: true, force: true });
    run('python3', '-m', 'venv', venv);
    run(
      join(venv, 'bin/python'),
      ...['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'],
      ...['--requirement', join(SCHEMATHESIS_FOLDER, 'requirements.txt')],
    );
    writeFileSync(stamp, wanted);
  }
  return join(venv, 'bin/st');
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ?? stderr}`);
}
