import type { FastifyInstance } from 'fastify';
import { SoakError } from '../core/errors.ts';
import type { AppService } from './app-service.ts';
import { EVENT_STREAM } from './events/message.ts';
import { Viewer } from './events/viewer.ts';
import { operation } from './operation.ts';

/** Viewers at a time: a tab that shows the page is one. */
const MAX_VIEWERS = 200;
/** Share of the connections that viewers may have: the rest is for requests. */
const VIEWER_SHARE = 0.5;
/** When a client that was refused may try again, s. */
const RETRY_AFTER_S = 10;
/** Longest accepted `Last-Event-ID`, characters. */
const MAX_ID = 200;

/**
 * Adds the stream of events.
 * @param connections connections that the listener may have now
 */
export function addEventRoutes(
  app: FastifyInstance,
  { events }: Pick<AppService, 'events'>,
  connections: () => number,
): void {
  app.get(
    '/api/v1/events',
    operation({
      id: 'events',
      tag: 'status',
      requirement: 'read',
      summary: 'Streams the state, the windows and the events of runs as server-sent events',
      description:
        '`state`: the status, as `GET /api/v1/status` returns it, at most once a second when it has changed. The first one of a ' +
        'connection is whole; later ones leave out `last`, `scenarios`, `schedules`, `history`, `targets` and `run.events` while ' +
        'they do not change. `window`: `{run, window}`, the open window of 10 s once a second, and each window once it is ' +
        'closed; a window replaces an earlier one with the same `n`. `event`: `{run, event}`. `reset`: the client has missed too ' +
        `much and reads all again. With \`Last-Event-ID\` the stream resumes where the client was. At most ${MAX_VIEWERS} streams ` +
        'are open; the stream of a client that reads too slowly is closed.',
      answer: { description: 'Server-sent events, until the client goes.', type: EVENT_STREAM },
      errors: ['VIEWERS_FULL'],
    }),
    (request, reply) => {
      reply.type(EVENT_STREAM);
      // Else nginx would collect messages before it passes them on.
      reply.header('x-accel-buffering', 'no');
      if (request.method === 'HEAD') return reply.send();
      const most = Math.min(MAX_VIEWERS, Math.floor(connections() * VIEWER_SHARE));
      if (events.viewers >= most) {
        reply.header('retry-after', String(RETRY_AFTER_S));
        throw new SoakError(
          'VIEWERS_FULL',
          `${events.viewers} viewers have this stream open; close pages that nobody looks at, or try again in ` +
            `${RETRY_AFTER_S} s, or poll GET /api/v1/status`,
        );
      }
      const lastId = request.headers['last-event-id'];
      reply.hijack();
      const { raw } = reply;
      // Names of headers that are set here are known to the bound on connections.
      for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value!);
      raw.writeHead(200);
      raw.flushHeaders();
      const viewer = new Viewer(raw, request.isValid);
      raw.once('close', () => events.leave(viewer));
      events.open(viewer, typeof lastId === 'string' && lastId.length <= MAX_ID ? lastId : undefined);
      return reply;
    },
  );
}
