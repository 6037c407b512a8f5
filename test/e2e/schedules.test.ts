import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { type Served, serve } from '../../support/service.ts';

const CONFIG = `
targets: [{ name: a, simulator: { preset: quick } }]
scenarios:
  demo: { target: a, stages: [{ users: 1, for: 10m }] }
schedules:
  nightly: { scenario: demo, cron: "0 2 * * *", timezone: Europe/Berlin }
`;
/** Every second: what a test can wait for. */
const OFTEN = '  often: { scenario: demo, cron: "* * * * * *" }\n';

const SKIPPED = 'soak_schedule_skipped_total';
const SUCCESS = 'soak_schedule_last_success_timestamp_seconds';
const NEXT = 'soak_schedule_next_timestamp_seconds';

interface Seen {
  readonly run: { readonly events: readonly { readonly action: string; readonly by: string }[] } | null;
  readonly schedules: readonly { readonly name: string; readonly nextAt: string; readonly skipped: number }[];
}

describe('schedules of soakd serve', () => {
  let service: Served;
  before(async () => {
    service = await serve(CONFIG + OFTEN);
  });
  after(() => service.stop());

  const reload = async (yaml: string): Promise<void> => {
    writeFileSync(service.file, yaml);
    const reply = await service.send('POST', '/-/reload');
    assert.equal(reply.status, 200, await reply.text());
  };

  it('start their scenario, and are skipped while it runs', async () => {
    const seen = await poll('run', async () => {
      const status = (await service.status()) as unknown as Seen;
      return status.run === null ? undefined : status;
    });
    const { action, by } = seen.run!.events[0]!;
    assert.deepEqual({ action, by }, { action: 'start', by: 'schedule often' });
    const scrape = await poll('two skips', async () => {
      const now = await service.scrape();
      return now.sum(SKIPPED, 'schedule="often"') >= 2 ? now : undefined;
    });
    assert.ok(scrape.sum(SUCCESS, 'schedule="often"') > 1_700_000_000);
    assert.equal(scrape.sum(SUCCESS, 'schedule="nightly"'), 0);
    assert.equal(scrape.sum(SKIPPED, 'schedule="nightly"'), 0);
    // An hour of the night in whole seconds, at most a day ahead.
    const next = scrape.sum(NEXT, 'schedule="nightly"');
    assert.ok(next % 3600 === 0 && next - Date.now() / 1000 < 25 * 3600, String(next));
    await service.program.line(/"msg":"schedule skipped"/);
  });

  it('are in the status and on the page', async () => {
    const { schedules } = (await service.status()) as unknown as Seen;
    assert.deepEqual(
      schedules.map((s) => s.name),
      ['nightly', 'often'],
    );
    assert.ok(schedules[1]!.skipped >= 2);
    assert.match(schedules[0]!.nextAt, /^\d{4}-\d\d-\d\dT0[01]:00:00\.000Z$/, '02:00 in Berlin');
    assert.match(await (await fetch(service.url)).text(), /<th>schedules<\/th>.*nightly: demo at/);
  });

  it('come and go with the configuration; their counts stay', async () => {
    const before = (await service.scrape()).sum(SKIPPED, 'schedule="often"');
    await reload(CONFIG);
    assert.doesNotMatch((await service.scrape()).text, /schedule="often"/);
    await reload(CONFIG + OFTEN);
    assert.ok((await service.scrape()).sum(SKIPPED, 'schedule="often"') >= before);
  });
});
