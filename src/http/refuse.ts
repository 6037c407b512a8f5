import type { FastifyReply } from 'fastify';
import { PROBLEM_TYPE, type Problem } from './problem.ts';

/** Answers with a problem. */
export function refuse(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.status(problem.status).type(PROBLEM_TYPE).send(problem);
}
