/** Every error of soakd, by code. The documentation lists this table; a test keeps the two equal. */
export const ERRORS = {
  USAGE: { exitCode: 2, status: 400, message: 'the command line or request is wrong' },
  CONFIG_INVALID: { exitCode: 2, status: 422, message: 'the configuration is not valid' },
  CONFIG_UNREADABLE: { exitCode: 2, status: 422, message: 'the configuration file cannot be read' },
  SECRET_MISSING: {
    exitCode: 2,
    status: 422,
    message: 'a secret that the configuration refers to is not set',
  },
  SCENARIO_UNKNOWN: { exitCode: 2, status: 404, message: 'there is no scenario with this name' },
  TARGET_NOT_ALLOWED: { exitCode: 3, status: 403, message: 'the target is outside the allowlist' },
  LIMIT_EXCEEDED: { exitCode: 2, status: 422, message: 'the request exceeds `limits` in the configuration' },
  BUDGET_MISSING: {
    exitCode: 2,
    status: 422,
    message: 'a run against an LLM API that is not on loopback needs a budget',
  },
  RUN_ACTIVE: { exitCode: 4, status: 409, message: 'a run is active' },
  NO_RUN: { exitCode: 2, status: 409, message: 'no run is active' },
  NOT_RUNNING: { exitCode: 2, status: 409, message: 'the current state of the run does not allow this' },
  RUN_UNKNOWN: { exitCode: 2, status: 404, message: 'the history has no such run' },
  HISTORY_UNUSABLE: { exitCode: 4, status: 503, message: 'the history cannot be used' },
  HISTORY_READ_ONLY: { exitCode: 4, status: 503, message: 'the data folder cannot be written' },
  HISTORY_IN_USE: { exitCode: 4, status: 503, message: 'another soakd serve uses the data folder' },
  UNAUTHORIZED: { exitCode: 2, status: 401, message: 'a token is needed' },
  OTHER_SITE: { exitCode: 2, status: 403, message: 'cross-site request refused' },
  FORBIDDEN: { exitCode: 2, status: 403, message: 'this token may not do that' },
  TOO_MANY_REQUESTS: { exitCode: 4, status: 429, message: 'too many requests' },
  VIEWERS_FULL: { exitCode: 4, status: 503, message: 'too many viewers' },
  CANNOT_START: { exitCode: 4, status: 503, message: 'soakd could not start' },
  INTERNAL: { exitCode: 4, status: 500, message: 'internal error' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/**
 * An error with a message for people. `details` holds one line for each issue, so that all of them can be
 * fixed at once; `message` is the first line.
 */
export class SoakError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly string[];

  constructor(code: ErrorCode, message: string, details: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SoakError';
    this.code = code;
    this.details = details;
  }

  /** Exit code of the process when this error ends it. */
  get exitCode(): number {
    return ERRORS[this.code].exitCode;
  }

  /** HTTP status when this error answers a request. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
