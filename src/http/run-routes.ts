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

/** Actions on the current run, each a POST to `CURRENT/action`. */
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
    summary: 'Pauses the current run',
    description: 'Starts no more streams; open streams continue to their end. The clock of the plan stops.',
    control: () => ({ action: 'pause' }),
  },
  {
    action: 'resume',
    body: NOTHING,
    summary: 'Resumes the current run after a pause',
    description: 'The plan continues where it was paused.',
    control: () => ({ action: 'resume' }),
  },
  {
    action: 'skip',
    body: NOTHING,
    summary: 'Skips to the next stage',
    description: 'After the last stage the run drains.',
    control: () => ({ action: 'skip' }),
  },
  {
    action: 'extend',
    body: EXTEND,
    summary: 'Extends the current stage',
    description: 'Adds the duration to the stage and holds the level at which the stage would have ended.',
    control: (body) => ({ action: 'extend', byMs: durationOf((body as ExtendBody).by) }),
  },
  {
    action: 'stop',
    status: 202,
    body: STOP,
    summary: 'Stops the current run',
    description:
      'Starts no more streams; cancels streams that are still open after `grace` (default 8 s). The response does not ' +
      'wait for the end of the run.',
    control: (body) => ({ action: 'stop', ...graceOf(body as StopBody | undefined) }),
  },
];

/** Adds the routes that start, show and control a run. */
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
        'All keys besides `scenario` change the scenario for this run only. `users`, `rate` and `for` replace all stages ' +
        'by one constant level: the given level, or the peak of the scenario; for the given time, or the duration of all ' +
        'stages. A scenario of the closed model takes `users`; a scenario of the open model takes `rate` and keeps its ' +
        '`maxUsers`. `limits:` of the configuration and the stream budget of the scenario still apply.',
      body: START,
      answer: {
        status: 201,
        description: 'The run.',
        schema: 'Run',
        headers: { location: { type: 'string', description: 'URL of the current run' } },
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
      summary: 'Returns the current run',
      answer: { description: 'The run, with its progress.', schema: 'Run' },
      others: { 404: problemResponse('`NO_RUN`: no run is active') },
    }),
    (_request, reply) => {
      const { run } = service.status();
      if (run !== null) return reply.send(viewOf(run));
      const problem = problemOf(new SoakError('NO_RUN', 'no run is active'));
      // Actions answer NO_RUN with 409, a conflict. This route answers 404: the resource does not exist.
      return refuse(reply, { ...problem, status: 404 });
    },
  );

  app.patch<{ Body: SetBody }>(
    CURRENT,
    operation({
      id: 'setLevel',
      tag: 'runs',
      requirement: 'operate',
      summary: 'Sets the load for the rest of the current stage',
      description:
        'Set `users` for the closed model, `rate` (streams per second) for the open model. If the new level is lower, ' +
        'excess streams continue to their end, or are cancelled after `grace`.',
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

/** @param body validated body */
function overridesOf({ users, rate, for: length, ramp, warmUp, seed, maxStreams }: StartBody): Overrides {
  return {
    users,
    rate,
    forMs: optionalDuration(length),
    rampMs: optionalDuration(ramp),
    warmUpMs: optionalDuration(warmUp),
    seed,
    maxStreams,
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

function optionalDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationOf(text);
}

/** @param text checked */
function durationOf(text: string): number {
  return parseDuration(text)!;
}
