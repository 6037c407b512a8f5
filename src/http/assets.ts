import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { SoakError } from '../core/errors.ts';
import { browserImports, browserSource } from './browser-source.ts';
import { operation } from './operation.ts';
import { problemOf } from './problem.ts';
import { refuse } from './refuse.ts';
import { object } from './schema/build.ts';
import { problemResponse } from './schema/problem.ts';
import { PAGE_HEADERS } from './security-headers.ts';

/** Extension of modules where soakd runs: TypeScript in a checkout, JavaScript in the package. */
const MODULE = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Modules of `core/` that the page imports: pure functions, which the server uses too. */
const CORE = ['duration', 'number', 'outcome'];

const VENDORS: Readonly<Record<string, string>> = {
  'preact.js': 'preact',
  'preact-hooks.js': 'preact/hooks',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Files of the page by their path under `/assets/{build}/`. Reads a file at its first request and keeps it. */
export class Assets {
  /** Digest of all files: another release has other URLs, so a browser may keep each file. */
  readonly build: string;
  readonly #files = new Map<string, URL>();
  readonly #kept = new Map<string, Buffer>();

  constructor() {
    const web = new URL('../web/', import.meta.url);
    for (const file of readdirSync(fileURLToPath(web)))
      if (file.endsWith(MODULE) || file.endsWith('.css'))
        this.#files.set(`web/${browserName(file)}`, new URL(file, web));
    for (const name of CORE)
      this.#files.set(`core/${name}.js`, new URL(`../core/${name}${MODULE}`, import.meta.url));
    for (const [file, specifier] of Object.entries(VENDORS))
      this.#files.set(`vendor/${file}`, new URL(import.meta.resolve(specifier)));
    const hash = createHash('sha256');
    for (const [path, file] of this.#files) hash.update(path).update(readFileSync(file));
    this.build = hash.digest('hex').slice(0, 16);
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** Returns a file; `undefined`: there is none. */
  get(path: string): Buffer | undefined {
    const kept = this.#kept.get(path);
    if (kept !== undefined) return kept;
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    const made = Buffer.from(sourceOf(file));
    this.#kept.set(path, made);
    return made;
  }
}

function browserName(file: string): string {
  return file.endsWith('.ts') ? `${file.slice(0, -3)}.js` : file;
}

function sourceOf(file: URL): string {
  const text = readFileSync(file, 'utf8');
  if (file.pathname.endsWith('.css')) return text;
  return file.pathname.endsWith('.ts') ? browserSource(text) : browserImports(text);
}

let assets: Assets | undefined;

/** Returns the files of the page. Shared by all apps of a process: files of a release do not change. */
export function pageAssets(): Assets {
  assets ??= new Assets();
  return assets;
}

/** Adds the route of the files of the page. */
export function addAssetRoutes(app: FastifyInstance): void {
  app.get<{ Params: { readonly build: string; readonly folder: string; readonly file: string } }>(
    '/assets/:build/:folder/:file',
    operation({
      id: 'asset',
      tag: 'status',
      requirement: 'assets',
      summary: 'Returns a file of the page',
      description:
        'Scripts and styles. They hold nothing about runs and need no token. The page names their current URLs, whose content ' +
        'does not change; with another build the answer is the current file, which a browser does not keep.',
      params: object('Path of a file.', {
        build: { type: 'string', pattern: '^[0-9a-f]{16}$', description: 'digest of all files of the page' },
        folder: { type: 'string', pattern: '^[a-z]{1,20}$', description: 'folder, such as `web`' },
        file: { type: 'string', pattern: '^[a-z0-9.-]{1,60}$', description: 'file, such as `main.js`' },
      }),
      answer: {
        description: 'The file.',
        media: { 'text/javascript': { type: 'string' }, 'text/css': { type: 'string' } },
      },
      others: { 404: problemResponse('`USAGE`: there is no such file') },
    }),
    (request, reply) => {
      const { build, folder, file } = request.params;
      const kept = pageAssets();
      const body = kept.get(`${folder}/${file}`);
      if (body === undefined) {
        const problem = problemOf(
          new SoakError('USAGE', `/assets/${build}/${folder}/${file} does not exist`),
        );
        return refuse(reply, { ...problem, title: 'not found', status: 404 });
      }
      // A page from before an upgrade gets what is there, and must not keep it under its own build.
      const caching = build === kept.build ? 'public, max-age=31536000, immutable' : 'no-store';
      return reply
        .headers({ ...PAGE_HEADERS, 'cache-control': caching })
        .type(TYPES[file.slice(file.lastIndexOf('.') + 1)]!)
        .send(body);
    },
  );
}
