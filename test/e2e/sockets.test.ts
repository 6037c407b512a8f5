import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { poll } from '../../support/poll.ts';
import { soakd } from '../../support/process.ts';
import { PATIENT, serve } from '../../support/service.ts';
import { simulate } from '../../support/simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-sockets-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const USERS = 20;
const TARGETS = 10;

for (const transport of ['lean', 'undici'])
  it(`a run of ${USERS} users on ${TARGETS} targets opens what doctor counts, and as many sockets as users (${transport})`, {
    skip: process.platform !== 'linux' && 'needs /proc',
  }, async (t) => {
    const simulator = await simulate(['--chunks', '2', '--ttfb', '10ms', '--gap', '10ms']);
    t.after(() => simulator.stop());
    const names = Array.from({ length: TARGETS }, (_, i) => `t${i}`);
    const yaml = `${PATIENT}targets:
${names.map((name) => `  - { name: ${name}, url: '${simulator.url}/sse?${name}', transport: ${transport} }`).join('\n')}
scenarios:
  many:
    targets: [${names.map((name) => `{ name: ${name}, weight: 1 }`).join(', ')}]
    stages: [{ users: ${USERS}, for: 1m }]
`;
    const file = join(folder, `${transport}.yaml`);
    writeFileSync(file, yaml);
    const doctor = soakd(['doctor', '--config', file, '--json']);
    await doctor.ended();
    assert.match(doctor.stdout.text, /"schema"/, doctor.output);
    const { checks } = JSON.parse(doctor.stdout.text) as { checks: { name: string; wanted?: string }[] };
    const wanted = checks.find(({ name }) => name === 'descriptors')!.wanted!;
    const counted = Number(/^[\d,]+/.exec(wanted)![0].replaceAll(',', ''));
    assert.ok(counted >= USERS && counted < USERS + 300, wanted);

    const service = await serve(yaml);
    try {
      const idle = open(service.program.pid);
      await service.startRun('many');
      const started = async () => (await service.scrape()).sum('soak_streams_started_total');
      await poll('streams on all targets', async () => (await started()) > USERS * TARGETS * 3 || undefined);
      for (let n = 0; n < 10; n++) {
        const now = open(service.program.pid);
        // The engine thread and its canary have sockets too, and connections that are closed take a moment.
        assert.ok(now.sockets - idle.sockets <= USERS + 15, `${now.sockets - idle.sockets} sockets`);
        assert.ok(now.all <= counted, `${now.all} descriptors, doctor counts ${counted}`);
        await sleep(200);
      }
      const lost = (await service.scrape()).sum('soak_streams_finished_total', 'result="failed"');
      assert.equal(lost, 0, 'closing a connection ends no stream');
    } finally {
      await service.stop();
    }
  });

/** Open descriptors of a process. */
function open(pid: number): { readonly all: number; readonly sockets: number } {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return { all: links.length, sockets: links.filter((link) => link.startsWith('socket:')).length };
}
