import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the check runs, and the Debian package that has it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  docker: 'docker.io',
  'docker-init': 'docker.io',
  'docker-compose': 'docker-compose',
  busybox: 'busybox-static',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  ip: 'iproute2',
  unshare: 'util-linux',
};

/** Where programs of the system lie that a user's PATH may leave out. */
export const SYSTEM_PATH = [process.env.PATH ?? '', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].join(delimiter);

/** @returns the path of a program, or undefined where it is not installed */
export function findProgram(name: string): string | undefined {
  return SYSTEM_PATH.split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** @returns Debian packages of those that are not installed, each once */
export function missingPackages(): string[] {
  const missing = Object.keys(PROGRAMS).filter((name) => findProgram(name) === undefined);
  return [...new Set(missing.map((name) => PROGRAMS[name]!))];
}
