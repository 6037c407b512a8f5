import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { REPORT_STYLE_SOURCE } from '../document/render/html-style.ts';
import type { AppService } from './app-service.ts';
import { Bounded } from './bounded.ts';
import { isCurrent } from './etag.ts';
import { keptHistory } from './kept-history.ts';
import { operation } from './operation.ts';
import { text } from './schema/build.ts';
import {
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

/** Of the page: it runs nothing, loads nothing, sends nothing, and has no style but its own. */
export const REPORT_POLICY = [
  "default-src 'none'",
  `style-src '${REPORT_STYLE_SOURCE}'`,
  'img-src data:',
  'sandbox',
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Adds the route of the report of a kept run. */
export function addReportRoute(
  app: FastifyInstance,
  service: Pick<AppService, 'history' | 'report' | 'version'>,
): void {
  const turns = new Bounded(MAX_REPORTS, MAX_WAITING, 'reports are being written');
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
      const id = await keptHistory(service).resolve(request.params.id);
      // Weak: the time of writing differs, and windows of 10 s may be thinned.
      const etag = `W/"${createHash('sha256').update(`${service.version}\n${id}\n${format}`).digest('base64url').slice(0, 27)}"`;
      const headers = { etag, 'cache-control': 'private, no-cache' };
      if (isCurrent(request.headers['if-none-match'], etag)) return reply.headers(headers).status(304).send();
      const report = await turns.run(() => service.report(id, format));
      return reply
        .headers({ ...headers, ...(format === 'html' ? { 'content-security-policy': REPORT_POLICY } : {}) })
        .type(TYPES[format])
        .send(Buffer.from(report.buffer, report.byteOffset, report.byteLength));
    },
  );
}
