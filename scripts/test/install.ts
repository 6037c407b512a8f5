import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { NEEDS } from '../../support/needs.ts';

/** Debian's way to say that installing a service must not start it; 101 is "not allowed". */
const POLICY = '/usr/sbin/policy-rc.d';
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  prometheus: ['prometheus'],
  'prometheus-alertmanager': ['prometheus-alertmanager'],
  'prometheus-node-exporter': ['prometheus-node-exporter'],
  'nginx-light': ['nginx'],
  'docker.io': ['docker', 'containerd'],
};

/** Installs what is missing where that is possible: as root on Debian. A failure only leaves tests to skip. */
export function installPrograms(): void {
  const missing = Object.values(NEEDS).filter((need) => !need.present());
  installPackages([...new Set<string>(missing.map((need) => need.aptPackage))]);
}

/** Installs packages of Debian, each named once, without starting the services in them. */
export function installPackages(packages: readonly string[]): void {
  if (packages.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;

  process.stderr.write(`installing what tests need: ${packages.join(' ')}\n`);
  const guarded = !existsSync(POLICY);
  if (guarded) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    if (!aptGet('update') || !aptGet('install', '--no-install-recommends', ...packages)) {
      process.stderr.write('apt-get failed; what wants these programs is skipped\n');
    }
  } finally {
    if (guarded) rmSync(POLICY, { force: true });
  }
  // Neither now nor after the next boot.
  const services = packages.flatMap((name) => SERVICES[name] ?? []);
  if (services.length > 0 && existsSync('/run/systemd/system')) {
    spawnSync('systemctl', ['disable', ...services], { stdio: 'ignore' });
  }
}

function aptGet(...args: string[]): boolean {
  const { status } = spawnSync('apt-get', ['--yes', '--quiet', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // Standard output is the tests' own.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0;
}
