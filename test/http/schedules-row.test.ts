import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusPage } from '../../src/http/page.ts';
import { statusView } from '../../src/http/views.ts';
import { IDLE } from '../../support/http/stub.ts';

describe('schedules on the page', () => {
  it('show when they are due on the clock of their zone, and what became of them', () => {
    const html = statusPage(
      statusView({
        ...IDLE,
        schedules: [
          {
            name: 'nightly',
            scenario: 'night',
            cron: '30 2 * * *',
            timezone: 'Europe/Berlin',
            missed: 'once',
            nextAt: Date.parse('2026-03-29T01:30:00Z'),
            lastStartedAt: Date.parse('2026-03-28T01:30:00.250Z'),
            skipped: 3,
          },
          {
            name: 'yearly',
            scenario: 'demo',
            cron: '@yearly',
            timezone: 'UTC',
            missed: 'skip',
            nextAt: Date.parse('2027-01-01T00:00:00Z'),
            lastStartedAt: null,
            skipped: 0,
          },
        ],
      }),
    );
    const line = html.split('\n').find((l) => l.includes('<th>schedules</th>'));
    assert.equal(
      line?.replace(/<time datetime="([^"]*)">/g, '[$1] ').replace(/<[^>]*>/g, '|'),
      '||schedules||nightly: night at [2026-03-29T01:30:00.000Z] 2026-03-29 03:30| Europe/Berlin; ' +
        'last started [2026-03-28T01:30:00.250Z] 2026-03-28 02:30|, skipped 3|' +
        'yearly: demo at [2027-01-01T00:00:00.000Z] 2027-01-01 00:00| UTC; never started||',
    );
  });

  it('take no room where there are none', () => {
    assert.doesNotMatch(statusPage(statusView({ ...IDLE, schedules: [] })), /schedules/);
  });
});
