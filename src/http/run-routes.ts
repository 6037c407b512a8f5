import type { FastifyInstance } from 'fastify';
import type { Control } from '../core/control.ts';
import { parseDuration } from '../core/duration.ts';
import { SoakError } from '../core/errors.ts';
import type { Overrides } from '../core/overrides.ts';
import type { AppService } from './app-service.ts';
import { operation } from './operation.ts';
import { problemOf } from './problem.ts';
import { refuse } from './refuse.ts';
import type { Schema } from './schema/build.ts';
import { problemResponse } from './schema/problem.ts';
import {
  EXTEND,
  type ExtendBody,
  NOTHING,
  SET,
  type SetBody,
  START,
  STOP,
  type StartBody,
  type StopBody,
} from './schema/requests.ts';
import { viewOf } from './views.ts';

const CURRENT = '/api/v1/runs/current';

/** What can be asked of the present run with a POST, by the last step of its address. */
const CHANGES: readonly {
  readonly action: Exclude<Control['action'], 'set'>;
  readonly status?: number;
  readonly body: Schema;
  readonly summary: string;
  readonly description: string;
  readonly control: (body: unknown) => Control;
}[] = [
  {
    action: 'pause',
    body: NOTHING,
    summary: 'Pauses it',
    description: 'No new streams; those that are open go on to their end. The time of its plan stands still.',
    control: () => ({ action: 'pause' }),
  },
  {
    action: 'resume',
    body: NOTHING,
    summary: 'Resumes it after a pause',
    description: 'The plan goes on where it was.',
    control: () => ({ action: 'resume' }),
  },
  {
    action: 'skip',
    body: NOTHING,
    summary: 'Goes on to the next stage',
    description: 'After the last stage the run drains.',
    control: () => ({ action: 'skip' }),
  },
  {
    action: 'extend',
    body: EXTEND,
    summary: 'Makes the present stage longer',
    description: 'It lasts longer by so much, on the level that it would have ended with.',
    control: (body) => ({ action: 'extend', byMs: durationOf((body as ExtendBody).by) }),
  },
  {
    action: 'stop',
    status: 202,
    body: STOP,
    summary: 'Stops it',
    description:
      'No new streams; those that are open have the time of grace (8 s if none is given), then they are cancelled. ' +
      'The answer does not wait for that.',
    control: (body) => ({ action: 'stop', ...graceOf(body as StopBody | undefined) }),
  },
];

/** Starting a run, looking at it, changing it while it goes on. */
export function addRunRoutes(
  app: FastifyInstance,
  service: Pick<AppService, 'status' | 'startRun' | 'control'>,
): void {
  app.post<{ Body: StartBody }>(
    '/api/v1/runs',
    operation({
      id: 'startRun',
      tag: 'runs',
      requirement: 'operate',
      summary: 'Starts a run of a scenario',
      description:
        'What the body names besides the scenario holds for this run. `users`, `rate` and `for` replace all stages by ' +
        'one constant level: the given one, or the peak of the scenario; for the given time, or that of all stages. ' +
        'A scenario of the closed model takes `users`, one of the open model `rate`, and keeps its `maxUsers`. ' +
        '`limits:` of the configuration hold, and so does a budget of streams that the scenario has.',
      body: START,
      answer: {
        status: 201,
        description: 'The run.',
        schema: 'Run',
        headers: { location: { type: 'string', description: 'where to look at it' } },
      },
      errors: [
        'SCENARIO_UNKNOWN',
        'RUN_ACTIVE',
        'TARGET_NOT_ALLOWED',
        'SECRET_MISSING',
        'LIMIT_EXCEEDED',
        'BUDGET_MISSING',
        'CANNOT_START',
      ],
    }),
    async (request, reply) => {
      const run = await service.startRun(request.body.scenario, request.by, overridesOf(request.body));
      return reply.status(201).header('location', CURRENT).send(viewOf(run));
    },
  );

  app.get(
    CURRENT,
    operation({
      id: 'currentRun',
      tag: 'runs',
      requirement: 'read',
      summary: 'The present run',
      answer: { description: 'The run, with its progress.', schema: 'Run' },
      others: { 404: problemResponse('`NO_RUN`: no run is active') },
    }),
    (_request, reply) => {
      const { run } = service.status();
      if (run !== null) return reply.send(viewOf(run));
      const problem = problemOf(new SoakError('NO_RUN', 'no run is active'));
      // Elsewhere it is a conflict with what was asked for; here there is no such thing.
      return refuse(reply, { ...problem, status: 404 });
    },
  );

  app.patch<{ Body: SetBody }>(
    CURRENT,
    operation({
      id: 'setLevel',
      tag: 'runs',
      requirement: 'operate',
      summary: 'Sets its level for the rest of the present stage',
      description:
        'Virtual users in the closed model, streams a second in the open one. Streams that are open above a lower ' +
        'level go on to their end, or for as long as grace says.',
      body: SET,
      answer: { description: 'The run.', schema: 'Run' },
      errors: ['NO_RUN', 'NOT_RUNNING', 'LIMIT_EXCEEDED'],
    }),
    (request) => viewOf(service.control(levelOf(request.body), request.by)),
  );

  for (const { action, status = 200, body, summary, description, control } of CHANGES) {
    app.post(
      `${CURRENT}/${action}`,
      operation({
        id: `${action}Run`,
        tag: 'runs',
        requirement: 'operate',
        summary,
        description,
        body,
        answer: { status, description: 'The run.', schema: 'Run' },
        errors: ['NO_RUN', 'NOT_RUNNING', ...(action === 'extend' ? (['LIMIT_EXCEEDED'] as const) : [])],
      }),
      (request, reply) =>
        reply.status(status).send(viewOf(service.control(control(request.body), request.by))),
    );
  }
}

/** @param body checked */
function overridesOf({ users, rate, for: length, warmUp, seed, maxStreams }: StartBody): Overrides {
  return {
    ...(users !== undefined && { users }),
    ...(rate !== undefined && { rate }),
    ...(length !== undefined && { forMs: durationOf(length) }),
    ...(warmUp !== undefined && { warmUpMs: durationOf(warmUp) }),
    ...(seed !== undefined && { seed }),
    ...(maxStreams !== undefined && { maxStreams }),
  };
}

/** @param body checked: it has either */
function levelOf(body: SetBody): Control {
  if (body.users === undefined) return { action: 'set', rate: body.rate! };
  return { action: 'set', users: body.users, ...graceOf(body) };
}

function graceOf(body: { readonly grace?: string } | null | undefined): { graceMs?: number } {
  return body?.grace === undefined ? {} : { graceMs: durationOf(body.grace) };
}

/** @param text checked */
function durationOf(text: string): number {
  return parseDuration(text)!;
}
