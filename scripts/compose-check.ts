/**
 * `npm run check:docker`: builds the image from the committed Dockerfile, brings up the committed docker-compose.yml
 * without Grafana, and looks at what runs. It needs root on a Debian, and no registry of images: engines of its own
 * live in namespaces of their own, on stand-ins for the images of others. Nothing is left when it ends.
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { missingPackages } from './compose/programs.ts';
import { removeControlGroups, runInRoom } from './compose/room.ts';
import { installPackages } from './test/install.ts';

const LIMIT_MS = 300_000;

const missing = missingPackages();
if (missing.length > 0) installPackages(missing);
const wanting = missingPackages();
if (process.platform !== 'linux' || process.getuid?.() !== 0 || wanting.length > 0) {
  process.stderr.write(
    `This needs root on Debian, ${wanting.length > 0 ? `and these packages: ${wanting.join(', ')}` : 'for namespaces of its own'}.\n`,
  );
  process.exit(1);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
// The bootstrap that started this one was killed.
process.on('disconnect', () => stop.abort());
process.channel?.unref();
const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(LIMIT_MS)]);

const from = performance.now();
const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'soakd-docker-'));
const cgroup = basename(folder);
let code = 1;
try {
  // Two engines one after the other on the same images: a build needs the machine's network, and a stack one of
  // its own, where it changes interfaces and packet filters and takes ports.
  code = await runInRoom('build.ts', [folder, cgroup], { ownNetwork: false, signal });
  if (code === 0) code = await runInRoom('stack.ts', [folder, cgroup], { ownNetwork: true, signal });
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  removeControlGroups(cgroup);
}
const seconds = `${((performance.now() - from) / 1000).toFixed(0)} s`;
if (signal.aborted) {
  process.stderr.write(stop.signal.aborted ? 'interrupted\n' : `ended after ${seconds}: that is too long\n`);
  process.exit(130);
}
process.stdout.write(code === 0 ? `docker: good, in ${seconds}\n` : `docker: failed, after ${seconds}\n`);
process.exit(code);

/** Images in memory, where there is plenty, take a third off the whole: an engine waits for the disk a lot. */
function memoryFolder(): string | undefined {
  const enough = 6 * 2 ** 30;
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > enough && freemem() > enough ? '/dev/shm' : undefined;
  } catch {
    return undefined;
  }
}
