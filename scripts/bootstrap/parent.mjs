import { ignoresHangup } from './hangup.mjs';

const POLL_MS = 250;

/**
 * Watches npm, this process's parent: a kill of npm alone sends nothing down. The scripts of package.json begin
 * with `exec` so that no shell stays in between: one that did would die of npm's signals without passing them on.
 * Under nohup npm dies of SIGHUP, which its service is to survive. Without npm above nothing is watched: a service put in the background by hand may outlive its shell.
 */
export function watchParent() {
  const listeners = [];
  let lost = false;
  if (process.env.npm_lifecycle_event !== undefined && !ignoresHangup()) {
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      lost = true;
      for (const listener of listeners) listener();
    }, POLL_MS);
    timer.unref();
  }
  return {
    /** Calls back once when it is gone, at once if it is gone already. */
    onLost(listener) {
      if (lost) listener();
      else listeners.push(listener);
    },
  };
}
