import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');

/** What is read here of a service of docker-compose.yml. */
export interface ComposeService {
  readonly image: string;
  readonly build?: unknown;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** docker-compose.yml as it is committed: its anchors are followed, its variables are not filled in. */
export function readCompose(): Compose {
  return parse(readText('docker-compose.yml'), { merge: true }) as Compose;
}

/** Images that the Dockerfile begins a stage with, in order, each once. */
export function baseImages(dockerfile: string): string[] {
  return [...new Set([...dockerfile.matchAll(/^FROM\s+(\S+)/gm)].map((match) => match[1]!))];
}

/** @returns how many descriptors a service gets where SOAKD_NOFILE is not set */
export function usualDescriptors({ ulimits }: ComposeService): number {
  const { nofile } = ulimits as { nofile: { hard: string } };
  return Number(/:-(\d+)\}$/.exec(nofile.hard)![1]);
}
