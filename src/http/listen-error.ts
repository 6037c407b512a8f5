import { messageOf, SoakError } from '../core/errors.ts';

/** Returns the error for an address that a server cannot listen on. */
export function listenError(error: unknown, host: string, port: number): SoakError {
  const why =
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? `port ${port} of ${host} is taken; give another with --port`
      : messageOf(error);
  return new SoakError('CANNOT_START', why, [], error);
}
