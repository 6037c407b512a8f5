import type { ApiRequest } from './effects.ts';
import type { Problem } from './wire.ts';

/** A request that the API refused, or that did not arrive (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** A line for each mistake. */
  readonly lines: readonly string[];

  constructor({ status, code, detail, errors = [] }: Problem) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.lines = errors.length > 0 ? errors : [detail];
  }
}

/** With it the server knows that a request comes from the page, and not from a form of another site. */
const HEADERS = { 'x-soakd-csrf': '1' };

/** Reads JSON. @throws ApiError */
export function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answered<T>(path, { headers: HEADERS, signal });
}

/** Reads JSON; `null` where the server lacks the route or keeps no history. @throws ApiError for other errors */
export async function readIfServed<T>(path: string): Promise<T | null> {
  try {
    return await read<T>(path);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.code === 'HISTORY_UNUSABLE')) return null;
    throw error;
  }
}

/** Sends a change. @throws ApiError */
export function send<T>({ method, path, body }: ApiRequest): Promise<T> {
  return answered<T>(path, {
    method,
    headers: body === undefined ? HEADERS : { ...HEADERS, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function answered<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError({ status: 0, code: 'UNREACHABLE', detail: 'soakd does not answer' });
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  let problem: Problem = {
    status: response.status,
    code: 'UNKNOWN',
    detail: `soakd answered ${response.status}`,
  };
  if (/json/.test(response.headers.get('content-type') ?? '')) problem = (await response.json()) as Problem;
  throw new ApiError(problem);
}
