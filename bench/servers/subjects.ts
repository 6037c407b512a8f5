import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../support/needs.ts';
import { ROOT } from '../../support/root.ts';
import { TARGETS, type TargetName } from '../../support/targets.ts';

/** A server that is measured, with what the seed's report estimates for it. */
export interface Subject {
  readonly title: string;
  readonly target: TargetName;
  readonly flags: readonly string[];
  /** Users and TTFB in the report's comparison, as it writes them. */
  readonly estimate: { readonly users: string; readonly ttfb: string };
}

/** Of the report's table, where it has one: Django under Uvicorn is the only server that it measured. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  'django-asgi': {
    title: 'Django, Uvicorn',
    target: 'django-asgi',
    flags: [],
    estimate: { users: '2500 (measured)', ttfb: '2.8 s' },
  },
  'django-wsgi-sync': {
    title: 'Django, Gunicorn, sync',
    target: 'django-wsgi',
    flags: [],
    estimate: { users: '300–500', ttfb: '–' },
  },
  'django-wsgi-gthread': {
    title: 'Django, Gunicorn, 500 threads',
    target: 'django-wsgi',
    flags: ['--workers', '1', '--gthread', '500'],
    estimate: { users: '300–500', ttfb: '–' },
  },
  express: {
    title: 'Express',
    target: 'express',
    flags: [],
    estimate: { users: '2000–2500', ttfb: '2.5–3.0 s' },
  },
  fastapi: {
    title: 'FastAPI, Uvicorn',
    target: 'fastapi',
    flags: [],
    estimate: { users: '2500–3500', ttfb: '2.0–3.5 s' },
  },
  fiber: { title: 'Fiber', target: 'fiber', flags: [], estimate: { users: '5000+', ttfb: '1.5–2.5 s' } },
  'nginx-three': {
    title: 'Nginx, three FastAPI',
    target: 'nginx-three',
    flags: [],
    estimate: { users: '3 × 2000', ttfb: '–' },
  },
};

/** @returns false where a subject can be started, else what is missing */
export function missing({ target }: Subject): string | false {
  return needs(...TARGETS[target]);
}

/** Returns the pinned versions of the servers, and those of the programs that are found on this machine. */
export function versions(): string {
  const pinned = (file: string, pattern: RegExp) =>
    readFileSync(join(ROOT, 'examples/targets', file), 'utf8').match(pattern)?.[1] ?? '?';
  const found = (command: string, args: readonly string[], pattern: RegExp) => {
    const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    return pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'none';
  };
  return [
    `Django ${pinned('django-asgi/requirements.txt', /^Django==(.*)$/m)}`,
    `Uvicorn ${pinned('fastapi/requirements.txt', /^uvicorn==(.*)$/m)}`,
    `Gunicorn ${pinned('django-wsgi/requirements.txt', /^gunicorn==(.*)$/m)}`,
    `FastAPI ${pinned('fastapi/requirements.txt', /^fastapi==(.*)$/m)}`,
    `Express ${pinned('express/package.json', /"express": "(.*)"/)}`,
    `Fiber ${pinned('fiber/go.mod', /fiber\/v2 v(\S+)/)}`,
    `Python ${found('python3', ['--version'], /Python (\S+)/)}`,
    `Go ${found('go', ['version'], /go(1\S+)/)}`,
    `Nginx ${found('/usr/sbin/nginx', ['-v'], /nginx\/(\S+)/)}`,
  ].join(', ');
}
