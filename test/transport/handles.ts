import { after } from 'node:test';
import { poll } from '../../support/poll.ts';

/** After all tests of the file: no socket, server or look-up of theirs is open. */
export function leavesNothingOpen(): void {
  after(async () => {
    await poll('end of all handles', () => {
      const open = process.getActiveResourcesInfo().filter((name) => /TCP|TLS|GetAddrInfo/.test(name));
      if (open.length > 0) throw new Error(`open: ${open.join(', ')}`);
      return true;
    });
  });
}
