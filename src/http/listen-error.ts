import { messageOf, SoakError } from '../core/errors.ts';

/** Returns the error for an address that a server cannot listen on. @param setting where another port is given */
export function listenError(error: unknown, host: string, port: number, setting: string): SoakError {
  const why =
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? `port ${port} of ${host} is taken; give another with ${setting}`
      : messageOf(error);
  return new SoakError('CANNOT_START', why, [], error);
}
