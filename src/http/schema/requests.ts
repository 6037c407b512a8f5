import { parseDuration } from '../../core/duration.ts';
import { OUTCOMES } from '../../core/outcome.ts';
import type { ReportFormat } from '../../document/render/formats.ts';
import { WIDTHS } from '../../history/kept-window.ts';
import { type Schema, text } from './build.ts';

/** Node's timers hold 31 bits of ms, slightly more than this. */
const MAX_MS = 24 * 86_400_000;

/** Custom string formats for ajv, by name. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'soakd-duration': (text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= MAX_MS,
  /** Duration of a run; `limits.maxDuration` bounds it. */
  'soakd-run-duration': (text) => (parseDuration(text) ?? 0) > 0,
  'soakd-warm-up': (text) => parseDuration(text) !== undefined,
  'soakd-duration-above-0': (text) => FORMATS['soakd-duration']!(text) && (parseDuration(text) ?? 0) > 0,
};

const grace: Schema = {
  type: 'string',
  format: 'soakd-duration',
  maxLength: 40,
  description: 'a duration such as "8s", at most 24d: time for open streams to end before soakd cancels them',
};

export interface StartBody {
  readonly scenario: string;
  readonly users?: number;
  readonly rate?: number;
  readonly for?: string;
  readonly ramp?: string;
  readonly warmUp?: string;
  readonly seed?: number;
  readonly maxStreams?: number;
}

export const START = {
  type: 'object',
  description: 'an object with the name of a scenario and optional overrides for this run',
  required: ['scenario'],
  additionalProperties: false,
  properties: {
    scenario: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description: 'the name of a scenario, as a string of 1 to 200 characters',
    },
    users: {
      type: 'integer',
      minimum: 1,
      description:
        'a whole number of virtual users of at least 1; replaces the stages of a closed model; limits.maxUsers applies',
    },
    rate: {
      type: 'number',
      exclusiveMinimum: 0,
      description:
        'a number of streams per second above 0; replaces the stages of an open model; limits.maxRate applies',
    },
    for: {
      type: 'string',
      format: 'soakd-run-duration',
      maxLength: 40,
      description:
        'a duration above 0, such as "10m": replaces the stages by one constant level; limits.maxDuration applies',
    },
    ramp: {
      type: 'string',
      format: 'soakd-run-duration',
      maxLength: 40,
      description:
        'a duration above 0, such as "10s": time in which users or rate rise from 0, before the time of for; limits.maxDuration applies to the sum',
    },
    warmUp: {
      type: 'string',
      format: 'soakd-warm-up',
      maxLength: 40,
      description: 'a duration such as "30s", shorter than the run: excluded from verdict, drift and summary',
    },
    seed: {
      type: 'integer',
      minimum: 0,
      maximum: 0xffff_ffff,
      description: 'a whole number from 0 to 4294967295: seed of the random generator',
    },
    maxStreams: {
      type: 'integer',
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'a whole number of at least 1: stream budget of the run, at most the budget of the scenario if it has one',
    },
  },
  examples: [{ scenario: 'demo' }, { scenario: 'demo', users: 50, for: '1m', seed: 7 }],
} as const;

export interface SetBody {
  readonly users?: number;
  readonly rate?: number;
  readonly grace?: string;
}

export const SET = {
  type: 'object',
  description:
    'an object with users (and optionally grace, which cancels excess open streams), or with rate alone',
  additionalProperties: false,
  properties: {
    users: {
      type: 'integer',
      minimum: 0,
      description: 'a whole number of virtual users of at least 0, for scenarios of the closed model',
    },
    rate: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'a number of streams per second above 0, for scenarios of the open model',
    },
    grace,
  },
  oneOf: [{ required: ['users'] }, { required: ['rate'], properties: { grace: false } }],
  examples: [{ users: 200 }, { users: 50, grace: '8s' }, { rate: 2.5 }],
} as const;

export interface ExtendBody {
  readonly by: string;
}

export const EXTEND = {
  type: 'object',
  description: 'an object with a duration',
  required: ['by'],
  additionalProperties: false,
  properties: {
    by: {
      type: 'string',
      format: 'soakd-duration-above-0',
      maxLength: 40,
      description: 'a duration above 0, such as "10m" or "1h30m", at most 24d',
    },
  },
  examples: [{ by: '10m' }],
} as const;

export interface StopBody {
  readonly grace?: string;
}

export const STOP = {
  type: ['object', 'null'],
  description: 'no body, or an object with grace',
  additionalProperties: false,
  properties: { grace },
  examples: [{ grace: '30s' }],
} as const;

/** Body of routes without parameters. Keys are errors, since ignoring one would hide a mistake. */
export const NOTHING = {
  type: ['object', 'null'],
  description: 'no body',
  additionalProperties: false,
  properties: {},
} as const;

const target = {
  type: 'string',
  minLength: 1,
  maxLength: 100,
  description: 'the name of a target: returns only its streams',
} as const;

/** Every value of a query string is text. */
const limit = {
  type: 'string',
  pattern: '^([1-9]\\d{0,2}|1000)$',
  description: 'a whole number from 1 to 1000: maximum number of results; default 50',
} as const;

export interface OpenQuery {
  readonly state?: 'open' | 'stalled';
  readonly target?: string;
  readonly limit?: string;
}

export const OPEN_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    state: {
      type: 'string',
      enum: ['open', 'stalled'],
      description: 'open (all), or stalled (stalled only)',
    },
    target,
    limit,
  },
} as const;

export interface FailureKinds {
  readonly target?: string;
  readonly outcome?: string;
  readonly limit?: string;
}

export const FAILURE_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    target,
    outcome: { type: 'string', enum: OUTCOMES, description: `an outcome: one of ${OUTCOMES.join(', ')}` },
    limit,
  },
} as const;

export interface RunParams {
  readonly id: string;
}

const id = {
  type: 'string',
  pattern: '^(?!current$)[A-Za-z0-9_.-]{1,100}$',
} as const;

export const RUN_PARAMS = {
  type: 'object',
  properties: {
    id: { ...id, description: 'the id of a run, or last (the latest finished run), or last-pass' },
  },
} as const;

export const RUN_ID_PARAMS = {
  type: 'object',
  properties: { id: { ...id, description: 'the id of a run' } },
} as const;

export interface RunsQuery {
  readonly scenario?: string;
  readonly verdict?: string;
  readonly before?: string;
  readonly limit?: string;
}

export const RUNS_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    scenario: {
      type: 'string',
      pattern: '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$',
      description: 'the name of a scenario: returns only its runs',
    },
    verdict: {
      type: 'string',
      enum: ['pass', 'fail', 'inconclusive', 'aborted'],
      description: 'one of pass, fail, inconclusive, aborted: returns only runs with this verdict',
    },
    before: { ...id, description: 'the id of a run: returns only runs that started before it' },
    limit,
  },
} as const;

export interface WindowsQuery {
  readonly width?: keyof typeof WIDTHS;
  readonly from?: string;
  readonly limit?: string;
  readonly columns?: string;
}

export const WINDOWS_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    width: {
      type: 'string',
      enum: Object.keys(WIDTHS),
      description: `one of ${Object.keys(WIDTHS).join(', ')}: length of a window; default 10s`,
    },
    from: {
      type: 'string',
      pattern: '^(0|[1-9]\\d{0,8})$',
      description: 'a whole number: number of the first window to return; default 0, the start of the run',
    },
    limit: {
      ...limit,
      description:
        'a whole number from 1 to 1000: maximum number of windows; a page holds fewer if there are many targets; default 50',
    },
    columns: {
      type: 'string',
      minLength: 1,
      // Percent-encoded, the longest still fits into a URL.
      maxLength: 150,
      pattern: '^[A-Za-z0-9_.]+(,[A-Za-z0-9_.]+)*$',
      description:
        'names of columns about targets with commas between them, such as `successRatio,ttfbMs.p95`; default all. With fewer columns a page has more windows',
    },
  },
} as const;

export interface PinBody {
  readonly pinned: boolean;
}

export const PIN = {
  type: 'object',
  description: 'an object with pinned',
  required: ['pinned'],
  additionalProperties: false,
  properties: {
    pinned: {
      type: 'boolean',
      description:
        'true: keep the run whatever its age; false: delete it by age and size, like any other run',
    },
  },
  examples: [{ pinned: true }],
} as const;

/** Headers and answer of what a client may keep. */
export const ETAG: Readonly<Record<string, Schema>> = {
  etag: text('version of the response, for `If-None-Match`'),
};
export const NOT_MODIFIED: Readonly<Record<string, Schema>> = {
  304: { description: 'The response is still the one of `If-None-Match`.', headers: ETAG, type: 'null' },
};

export interface ReportQuery {
  readonly format?: ReportFormat;
}

export const REPORT_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    format: {
      type: 'string',
      enum: ['html', 'md', 'json'] satisfies ReportFormat[],
      description: 'one of html, md, json: format of the report; default html',
    },
  },
} as const;
