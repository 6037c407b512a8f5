import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SoakError } from '../core/errors.ts';
import { WIDTHS } from '../history/kept-window.ts';
import type { AppService } from './app-service.ts';
import { Bounded } from './bounded.ts';
import { isCurrent } from './etag.ts';
import { keptHistory } from './kept-history.ts';
import { operation } from './operation.ts';
import type { RunHistory } from './run-history.ts';
import { RUN_LIST, WINDOW_LIST } from './schema/history.ts';
import { problemResponse } from './schema/problem.ts';
import {
  ETAG,
  NOT_MODIFIED,
  PIN,
  type PinBody,
  RUN_ID_PARAMS,
  RUN_PARAMS,
  RUNS_QUERY,
  type RunParams,
  type RunsQuery,
  WINDOWS_QUERY,
  type WindowsQuery,
} from './schema/requests.ts';
import { viewOf } from './views.ts';

const RUNS = '/api/v1/runs';
const RUN = `${RUNS}/:id`;
const LIMIT = 50;

/** Reads at a time, of all clients: the thread of the history writes between two of them. */
const MAX_READS = 1;
/** Reads that wait for their turn; more are 429. */
const MAX_WAITING = 50;

/** Adds the routes of kept runs. */
export function addHistoryRoutes(app: FastifyInstance, service: Pick<AppService, 'history' | 'log'>): void {
  const turns = new Bounded(MAX_READS, MAX_WAITING);
  const history = (): RunHistory => keptHistory(service);
  const read = <T>(call: (kept: RunHistory) => Promise<T>): Promise<T> => turns.run(() => call(history()));

  app.get<{ Querystring: RunsQuery }>(
    RUNS,
    operation({
      id: 'listRuns',
      tag: 'history',
      requirement: 'read',
      summary: 'Lists kept runs, the newest first',
      query: RUNS_QUERY,
      answer: { description: 'A page of runs.', schema: RUN_LIST, headers: ETAG },
      errors: ['RUN_UNKNOWN', 'HISTORY_UNUSABLE'],
      others: NOT_MODIFIED,
    }),
    async (request, reply) => {
      const { limit: asked, ...filter } = request.query;
      const limit = Number(asked ?? LIMIT);
      // One more says whether there is a next page.
      const found = await read((kept) => kept.list({ ...filter, limit: limit + 1 }));
      const runs = found.slice(0, limit);
      const query = { ...filter, limit: asked, before: runs.at(-1)?.id };
      const next =
        found.length > limit ? `${RUNS}?${new URLSearchParams(query as Record<string, string>)}` : null;
      return tagged(request, reply, { runs: viewOf(runs), next });
    },
  );

  app.get<{ Params: RunParams }>(
    RUN,
    operation({
      id: 'keptRun',
      tag: 'history',
      requirement: 'read',
      summary: 'Returns a kept run with its summary, events and failed streams',
      params: RUN_PARAMS,
      answer: { description: 'The run.', schema: 'KeptRunDetail', headers: ETAG },
      errors: ['RUN_UNKNOWN', 'HISTORY_UNUSABLE'],
      others: NOT_MODIFIED,
    }),
    async (request, reply) =>
      tagged(request, reply, viewOf(await read((kept) => kept.show(request.params.id)))),
  );

  app.get<{ Params: RunParams }>(
    `${RUN}/summary`,
    operation({
      id: 'keptSummary',
      tag: 'history',
      requirement: 'read',
      summary: 'Returns the summary of a finished run, as `soakd run --json` prints it',
      params: RUN_PARAMS,
      answer: { description: 'The summary.', schema: 'Summary', headers: ETAG },
      errors: ['RUN_UNKNOWN', 'RUN_ACTIVE', 'HISTORY_UNUSABLE'],
      others: NOT_MODIFIED,
    }),
    async (request, reply) => {
      const { id, summary } = await read((kept) => kept.show(request.params.id));
      if (summary === null) throw new SoakError('RUN_ACTIVE', `run ${id} is active: it has no summary yet`);
      return tagged(request, reply, summary as object);
    },
  );

  app.get<{ Params: RunParams; Querystring: WindowsQuery }>(
    `${RUN}/windows`,
    operation({
      id: 'runWindows',
      tag: 'history',
      requirement: 'read',
      summary: 'Returns what was counted in the windows of a kept run',
      description:
        'Windows of 1 and 10 minutes are sums of windows of 10 s. The last window of an active run still changes. `columns` ' +
        'makes a long run quick to read.',
      params: RUN_PARAMS,
      query: WINDOWS_QUERY,
      answer: { description: 'A page of windows.', schema: WINDOW_LIST, headers: ETAG },
      errors: ['RUN_UNKNOWN', 'HISTORY_UNUSABLE'],
      others: NOT_MODIFIED,
    }),
    async (request, reply) => {
      const { width = '10s', from = '0', limit, columns } = request.query;
      const page = await read((kept) =>
        kept.windows(request.params.id, {
          width: WIDTHS[width]!,
          from: Number(from),
          limit: Number(limit ?? LIMIT),
          columns: columns?.split(','),
        }),
      );
      const query = {
        width,
        from: String(page.next),
        ...(limit === undefined ? {} : { limit }),
        ...(columns === undefined ? {} : { columns }),
      };
      const next = page.next === null ? null : `${RUNS}/${page.run}/windows?${new URLSearchParams(query)}`;
      return tagged(request, reply, viewOf({ ...page, next }));
    },
  );

  app.patch<{ Params: RunParams; Body: PinBody }>(
    RUN,
    operation({
      id: 'pinRun',
      tag: 'history',
      requirement: 'operate',
      summary: 'Pins or unpins a kept run',
      description: 'A pinned run is kept whatever its age and the size of the history.',
      params: RUN_ID_PARAMS,
      body: PIN,
      answer: { description: 'The run.', schema: 'KeptRun' },
      errors: ['RUN_UNKNOWN', 'HISTORY_UNUSABLE'],
    }),
    async (request) => {
      const { pinned } = request.body;
      const run = await read(async (kept) =>
        kept.change({ pin: await wholeId(kept, request.params.id), pinned }),
      );
      service.log.info({ run: run.id, by: request.by, pinned }, 'run pinned or unpinned');
      return viewOf(run);
    },
  );

  app.delete<{ Params: RunParams }>(
    RUN,
    {
      // The current run has routes of its own, and no DELETE. Before a body is read, as for other unknown methods.
      onRequest(request, reply, done) {
        if (request.params.id === 'current') reply.callNotFound();
        else done();
      },
      ...operation({
        id: 'deleteRun',
        tag: 'history',
        requirement: 'operate',
        summary: 'Deletes a finished run from the history',
        params: RUN_ID_PARAMS,
        answer: { status: 204, none: true, description: 'The run is deleted.' },
        errors: ['RUN_UNKNOWN', 'RUN_ACTIVE', 'HISTORY_UNUSABLE'],
        others: { 405: problemResponse('`USAGE`: `current` is no kept run') },
      }),
    },
    async (request, reply) => {
      const run = await read(async (kept) => kept.change({ delete: await wholeId(kept, request.params.id) }));
      service.log.info({ run: run.id, by: request.by }, 'run deleted from the history');
      return reply.status(204).send();
    },
  );
}

/** Requires a whole id: `last` is another run a moment later. @throws SoakError RUN_UNKNOWN */
async function wholeId(history: RunHistory, id: string): Promise<string> {
  if ((await history.resolve(id)) === id) return id;
  throw new SoakError('RUN_UNKNOWN', `the history has no run with the whole id "${id}"`);
}

/** Sends a record with its ETAG, or 304. A browser may keep it, and asks each time whether it has changed. */
function tagged(request: FastifyRequest, reply: FastifyReply, body: object): FastifyReply {
  const json = JSON.stringify(body);
  const etag = `"${createHash('sha256').update(json).digest('base64url').slice(0, 27)}"`;
  reply.headers({ etag, 'cache-control': 'private, no-cache' });
  if (isCurrent(request.headers['if-none-match'], etag)) return reply.status(304).send();
  return reply.type('application/json; charset=utf-8').send(json);
}
