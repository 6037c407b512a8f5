import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { REPORT_STYLE_SOURCE } from '../document/render/html-style.ts';
import type { AppService } from './app-service.ts';
import { Bounded } from './bounded.ts';
import { isCurrent } from './etag.ts';
import { keptHistory } from './kept-history.ts';
import { operation } from './operation.ts';
import { text } from './schema/build.ts';
import {
  COMPARISON_QUERY,
  type ComparisonQuery,
  ETAG,
  NOT_MODIFIED,
  REPORT_QUERY,
  type ReportQuery,
  RUN_PARAMS,
  type RunParams,
} from './schema/requests.ts';

/** Reports at a time, of all clients: each takes a CPU for a second or more, on the machine that makes the load. */
const MAX_REPORTS = 1;
/** Requests that wait for their turn; more are 429. */
const MAX_WAITING = 5;

const TYPES = {
  html: 'text/html; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json; charset=utf-8',
} as const satisfies Readonly<Record<NonNullable<ReportQuery['format']>, string>>;

/** Of the report as a page: it runs nothing, loads nothing, sends nothing, and has no style but its own. The page of soakd frames it. */
const REPORT_POLICY = [
  "default-src 'none'",
  `style-src '${REPORT_STYLE_SOURCE}'`,
  'img-src data:',
  'sandbox',
  "frame-ancestors 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Adds the routes of the report of a kept run, and of its comparison with another one. */
export function addReportRoutes(
  app: FastifyInstance,
  service: Pick<AppService, 'history' | 'report' | 'version'>,
): void {
  const turns = new Bounded(MAX_REPORTS, MAX_WAITING, 'reports are being written');
  /** Sends what the version of soakd and the names determine, written unless the client has it. */
  const send = async (
    request: FastifyRequest,
    reply: FastifyReply,
    names: readonly string[],
    more: Readonly<Record<string, string>>,
    task: Parameters<AppService['report']>[0],
  ): Promise<FastifyReply> => {
    // Weak: the time of writing differs, and windows of 10 s may be thinned.
    const etag = `W/"${createHash('sha256')
      .update([service.version, ...names].join('\n'))
      .digest('base64url')
      .slice(0, 27)}"`;
    const headers = { etag, 'cache-control': 'private, no-cache' };
    if (isCurrent(request.headers['if-none-match'], etag)) return reply.headers(headers).status(304).send();
    const made = await turns.run(() => service.report(task));
    return reply
      .headers({ ...headers, ...more })
      .send(Buffer.from(made.buffer, made.byteOffset, made.byteLength));
  };
  app.get<{ Params: RunParams; Querystring: ReportQuery }>(
    '/api/v1/runs/:id/report',
    operation({
      id: 'runReport',
      tag: 'history',
      requirement: 'read',
      summary: 'Returns the report of a finished run, as `soakd report` writes it',
      description:
        `soakd writes one report at a time, which takes about a second of a CPU; ${MAX_WAITING} requests wait, more are 429. ` +
        'The ETAG names the run, the format and the version of soakd, so 304 costs nothing.',
      params: RUN_PARAMS,
      query: REPORT_QUERY,
      answer: {
        description: 'The report.',
        media: {
          'text/html': text('a page without scripts that loads nothing'),
          'text/markdown': text('Markdown'),
          'application/json': 'Report',
        },
        headers: ETAG,
      },
      errors: ['RUN_UNKNOWN', 'RUN_ACTIVE', 'HISTORY_UNUSABLE'],
      others: NOT_MODIFIED,
    }),
    async (request, reply) => {
      const { format = 'html' } = request.query;
      // The newest run that finished is `last`: a tag needs its id.
      const run = await keptHistory(service).resolve(request.params.id);
      const headers = {
        'content-type': TYPES[format],
        ...(format === 'html'
          ? { 'content-security-policy': REPORT_POLICY, 'x-frame-options': 'SAMEORIGIN' }
          : {}),
      };
      return send(request, reply, ['report', run, format], headers, { run, format });
    },
  );

  app.get<{ Params: RunParams; Querystring: ComparisonQuery }>(
    '/api/v1/runs/:id/comparison',
    operation({
      id: 'runComparison',
      tag: 'history',
      requirement: 'read',
      summary: 'Compares a finished run with another one, as `soakd compare --json` does',
      description:
        'The baseline is run A, the run is run B. Regressions come first. Runs that cannot be compared are no error: ' +
        '`verdict` is `refused`, and `refused` says why. Comparisons and reports take turns.',
      params: RUN_PARAMS,
      query: COMPARISON_QUERY,
      answer: { description: 'The comparison.', schema: 'Comparison', headers: ETAG },
      errors: ['RUN_UNKNOWN', 'RUN_ACTIVE', 'HISTORY_UNUSABLE'],
      others: NOT_MODIFIED,
    }),
    async (request, reply) => {
      const history = keptHistory(service);
      const run = await history.resolve(request.params.id);
      const baseline = await history.resolve(request.query.baseline ?? 'last-pass');
      return send(
        request,
        reply,
        ['comparison', baseline, run],
        { 'content-type': 'application/json; charset=utf-8' },
        { run, baseline },
      );
    },
  );
}
