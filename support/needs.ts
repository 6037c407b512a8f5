import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that tests run for real, and the Debian package that `npm test` installs it from. */
interface Need {
  readonly aptPackage: string;
  readonly wanted: string;
  readonly present: () => boolean;
}

/** Where Debian puts Nginx. */
export const NGINX = '/usr/sbin/nginx';

export const NEEDS = {
  prometheus: {
    aptPackage: 'prometheus',
    wanted: 'the program prometheus',
    present: () => onPath('prometheus'),
  },
  promtool: { aptPackage: 'prometheus', wanted: 'the program promtool', present: () => onPath('promtool') },
  amtool: {
    aptPackage: 'prometheus-alertmanager',
    wanted: 'the program amtool',
    present: () => onPath('amtool'),
  },
  alertmanager: {
    aptPackage: 'prometheus-alertmanager',
    wanted: 'the program prometheus-alertmanager',
    present: () => onPath('prometheus-alertmanager'),
  },
  'node-exporter': {
    aptPackage: 'prometheus-node-exporter',
    wanted: 'the program prometheus-node-exporter',
    present: () => onPath('prometheus-node-exporter'),
  },
  nginx: {
    aptPackage: 'nginx-light',
    wanted: 'the program nginx',
    // Debian's stands where only root looks.
    present: () => isProgram(NGINX),
  },
  chromium: { aptPackage: 'chromium', wanted: 'the program chromium', present: () => onPath('chromium') },
  go: {
    aptPackage: 'golang-go',
    wanted: 'the program go from 1.21 on',
    present: () =>
      Number(/go1\.(\d+)/.exec(spawnSync('go', ['env', 'GOVERSION']).stdout?.toString())?.[1]) >= 21,
  },
  'python-venv': {
    aptPackage: 'python3-venv',
    wanted: 'python3 from 3.10 on with its modules venv and ensurepip',
    present: () =>
      spawnSync('python3', ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'])
        .status === 0,
  },
} as const satisfies Record<string, Need>;

/** @returns false where it is there, else why the test is skipped: `test(name, { skip: needs('promtool') }, …)` */
export function needs(...names: readonly (keyof typeof NEEDS)[]): string | false {
  const missing = names.filter((name) => !NEEDS[name].present());
  if (missing.length === 0) return false;
  return `wants ${missing.map((name) => `${NEEDS[name].wanted} (Debian: ${NEEDS[name].aptPackage})`).join(' and ')}`;
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isProgram(join(folder, program)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns false where this process may mount file systems, else why the test is skipped */
export function needsMount(): string | false {
  const { status } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return status === 0 ? false : 'wants the right to mount file systems';
}
