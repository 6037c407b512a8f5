import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Format, formatOfPath } from '../formats/list.ts';
import type { Ledger, StreamRecord } from './ledger.ts';
import { METRICS_CONTENT_TYPE, renderMetrics } from './metrics.ts';
import { tpotMs } from './quality.ts';
import type { Simulation } from './simulation.ts';

/** Default limit of records for `?streams=1`. */
const DEFAULT_LIMIT = 1000;

/** Answers requests for the simulator's own pages. */
type InfoRoute = (
  url: URL,
  simulation: Simulation,
) => { readonly contentType: string; readonly body: string };

const JSON_TYPE = 'application/json; charset=utf-8';

const INFO_ROUTES: Readonly<Record<string, InfoRoute>> = {
  '/-/healthy': () => ({ contentType: 'text/plain; charset=utf-8', body: 'healthy\n' }),
  '/metrics': (_url, { ledger, slots, ballast }) => ({
    contentType: METRICS_CONTENT_TYPE,
    body: renderMetrics(ledger.totals(), { queued: slots.waiting, memoryBytes: ballast.bytes }),
  }),
  '/ground-truth': (url, { ledger }) => ({
    contentType: JSON_TYPE,
    body: JSON.stringify(groundTruth(url, ledger)),
  }),
};

/** Totals; with `id` or `streams=1` also `streams: { finished, open }`. */
function groundTruth(url: URL, ledger: Ledger): object {
  const totals = ledger.totals();
  const id = url.searchParams.get('id');
  if (id !== null) return { ...totals, streams: shown(ledger.find(id)) };
  if (url.searchParams.get('streams') !== '1') return totals;
  const limit = Number.parseInt(url.searchParams.get('limit') ?? '', 10);
  return { ...totals, streams: shown(ledger.recent(limit >= 0 ? limit : DEFAULT_LIMIT)) };
}

function shown({ finished, open }: ReturnType<Ledger['find']>): object {
  const withTpot = (record: StreamRecord): object => ({ ...record, tpotMs: tpotMs(record) });
  return { finished: finished.map(withTpot), open: open.map(withTpot) };
}

/** @returns whether the request was for one of the simulator's own pages, and is answered */
export function answerInfo(
  request: IncomingMessage,
  response: ServerResponse,
  simulation: Simulation,
): boolean {
  if (request.method !== 'GET') return false;
  const target = request.url ?? '/';
  const route = INFO_ROUTES[pathOf(target)];
  if (route === undefined) return false;
  const { contentType, body } = route(new URL(target, 'http://simulator'), simulation);
  request.resume();
  response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
  return true;
}

/** @returns the format that a path names, or the default */
export function formatOf(target: string, otherwise: Format): Format {
  return formatOfPath(pathOf(target)) ?? otherwise;
}

export function isControl(target: string): boolean {
  return pathOf(target) === '/control';
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}
