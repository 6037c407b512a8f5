import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ROLES } from '../../core/access.ts';
import type { SoakError } from '../../core/errors.ts';
import type { AppService } from '../app-service.ts';
import type { Gate } from '../gate.ts';
import { operation } from '../operation.ts';
import { object, oneOf, text } from '../schema/build.ts';
import { problemResponse } from '../schema/problem.ts';
import { safePath } from './browser.ts';
import { sessionCookie, sessionOf } from './cookie.ts';
import { LOGIN_HEADERS, loginPage } from './page.ts';

interface LoginBody {
  readonly token: string;
  readonly next?: string;
}

/** Without bounds of its own: an error would quote the token. The body is bounded. */
const LOGIN = {
  ...object('a form with a token', { token: text('a token of serve.tokens'), next: text('a path') }, [
    'next',
  ]),
  additionalProperties: false,
  examples: [{ token: '…', next: '/' }],
};

const LOGIN_QUERY = {
  ...object('the path to go to', { next: text('a path of this soakd, to go to after the login') }, ['next']),
  additionalProperties: false,
};

const SESSION = object('A caller.', {
  name: text('name of the token, or local'),
  role: oneOf(ROLES, 'role of the token; operate where no tokens are configured'),
  loginNeeded: { type: 'boolean', description: 'whether tokens are configured' },
});

const FORM = 'application/x-www-form-urlencoded';
const REDIRECT = { status: 303, none: true, headers: { location: { type: 'string' } } } as const;

interface LoginDeps {
  readonly gate: Gate;
  readonly log: AppService['log'];
  /** Logs a refused login. */
  readonly refused: (request: FastifyRequest, error: SoakError) => void;
}

/** Adds the routes with which a browser logs in and out. */
export function addLoginRoutes(app: FastifyInstance, { gate, log, refused }: LoginDeps): void {
  app.addContentTypeParser<string>(FORM, { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body))),
  );

  app.get<{ Querystring: { readonly next?: string } }>(
    '/login',
    operation({
      id: 'loginPage',
      tag: 'login',
      requirement: 'login',
      summary: 'Shows the form that takes a token',
      query: LOGIN_QUERY,
      answer: { description: 'A page without scripts.', type: 'text/html' },
      others: { 303: { description: 'No login is needed: a redirect to `next`.', type: 'null' } },
    }),
    (request, reply) => {
      const next = safePath(request.query.next);
      if (gate.open || gate.hasSession(request.headers)) return reply.redirect(next, 303);
      return page(reply, 200, loginPage(next));
    },
  );

  app.post<{ Body: LoginBody }>(
    '/login',
    operation({
      id: 'login',
      tag: 'login',
      requirement: 'login',
      summary: 'Opens a session for a token, and sets its cookie',
      description:
        'The cookie holds a random id, never the token. It is sent to no other site (`SameSite=Strict`) and no script can read it ' +
        '(`HttpOnly`). Wrong tokens count towards the same limit as elsewhere.',
      body: LOGIN,
      consumes: [FORM, 'application/json'],
      answer: { ...REDIRECT, description: 'A redirect to `next`, with the cookie.' },
      others: {
        401: { description: 'The form, with what is wrong.', content: HTML },
        403: problemResponse(
          '`OTHER_SITE`: cross-site request refused; `FORBIDDEN`, as a page: the role metrics',
        ),
      },
    }),
    (request, reply) => {
      const { token, next } = request.body;
      const path = safePath(next);
      if (gate.open) return reply.redirect(path, 303);
      const login = gate.login(token, request.socket.remoteAddress ?? '');
      if ('refusal' in login) {
        refused(request, login.refusal);
        const { status, message } = login.refusal;
        return page(reply.headers(login.headers), status, loginPage(path, message));
      }
      log.info({ by: login.by, address: request.socket.remoteAddress }, 'logged in');
      return reply.header('set-cookie', sessionCookie(request.headers, login.session)).redirect(path, 303);
    },
  );

  app.post(
    '/logout',
    operation({
      id: 'logout',
      tag: 'login',
      requirement: 'login',
      summary: 'Ends the session of the cookie',
      consumes: [FORM, 'application/json'],
      answer: {
        ...REDIRECT,
        description: 'A redirect to the login page. Streams of events of the session end.',
      },
    }),
    (request, reply) => {
      const session = sessionOf(request.headers);
      const by = session && gate.logout(session);
      if (by !== undefined) log.info({ by, address: request.socket.remoteAddress }, 'logged out');
      return reply.header('set-cookie', sessionCookie(request.headers)).redirect('/login', 303);
    },
  );

  app.get(
    '/api/v1/session',
    operation({
      id: 'session',
      tag: 'login',
      requirement: 'read',
      summary: 'Returns the caller and its role',
      answer: { description: 'The caller.', schema: SESSION },
    }),
    (request) => ({ name: request.by, role: request.role, loginNeeded: !gate.open }),
  );
}

const HTML = { 'text/html': { schema: { type: 'string' } } };

function page(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.status(status).headers(LOGIN_HEADERS).type('text/html; charset=utf-8').send(html);
}
