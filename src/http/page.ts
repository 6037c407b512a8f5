import { formatDuration } from '../core/duration.ts';
import { formatPercent, formatCount as number } from '../core/number.ts';
import type { Summary } from '../schema/summary.ts';
import { pageAssets } from './assets.ts';
import { escapeHtml, row } from './html.ts';
import type { StatusView } from './views.ts';

const LINKS = [
  ['/metrics', 'Prometheus metrics'],
  ['/api/v1/status', 'this page as JSON'],
  ['/api/v1/streams?state=stalled', 'open streams that are silent'],
  ['/api/v1/failures', 'latest failed streams'],
  ['/api/v1/docs', 'API documentation'],
  ['/-/healthy', 'liveness check'],
  ['/-/ready', 'readiness check'],
] as const;

/** Number of events to show. */
const EVENTS = 5;

/**
 * Renders the page. Its scripts read the API; without scripts it shows the status, and refreshes every two seconds.
 */
export function statusPage(status: StatusView): string {
  const assets = `/assets/${pageAssets().build}`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>soakd: ${escapeHtml(status.state)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets}/vendor/uplot.css"><link rel="stylesheet" href="${assets}/web/style.css">
<script type="module" src="${assets}/web/main.js"></script>
<noscript><meta http-equiv="refresh" content="2"></noscript></head>
<body>
<div id="app"></div>
<noscript><main class="plain">
${plainStatus(status)}
</main></noscript>
</body>
</html>
`;
}

function plainStatus(status: StatusView): string {
  return `<h1>soakd <small>${escapeHtml(status.version)} · ${escapeHtml(status.state)}</small></h1>
${runPart(status)}
${lastPart(status)}
<table>
${row('scenarios', status.scenarios.map(escapeHtml).join(', '))}${schedulesRow(status.schedules)}${historyRow(status.history)}
${row('targets', status.targets.map((t) => `${escapeHtml(t.name)} (${escapeHtml(t.format)}) ${escapeHtml(t.url)}`).join('<br>'))}
${row('links', LINKS.map(([href, text]) => `<a href="${href}">${href}</a> ${text}`).join('<br>'))}
</table>`;
}

function runPart({ run }: StatusView): string {
  if (run === null)
    return '<p>No run is active. To start one: <code>POST /api/v1/runs {"scenario": "…"}</code></p>';
  const { progress: p } = run;
  const ms = (v: number | null): string => (v === null ? '–' : formatDuration(v));
  return `<table>
${row('run', `${escapeHtml(run.id)}, scenario ${escapeHtml(run.scenario)}, stage ${p.stage + 1} of ${p.stages}${p.turn === null ? '' : `, target ${escapeHtml(p.turn)}`}`)}
${row('time', `${formatDuration(p.elapsedMs)}, ${LEFT[p.state](formatDuration(p.leftMs))}<progress max="1" value="${p.done.toFixed(3)}"></progress>`)}
${row('active / desired', `<b>${number(p.active)}</b> / ${number(p.desired)}`)}
${row('TTFB, last 10 s', `p50 <b>${ms(p.ttfbP50Ms)}</b> · p95 <b>${ms(p.ttfbP95Ms)}</b>`)}
${row('success, last 10 s', p.success === null ? '–' : `<b>${formatPercent(p.success)}</b>, ${number(p.failed)} failed`)}
${row('chunks a second', `<b>${number(p.chunksPerSecond)}</b>`)}
${row('measurement error p99', `<b>${ms(p.measurementErrorMs?.p99 ?? null)}</b>`)}
${row('by target', p.targets.map(targetText).join('<br>'))}
${row('latest events', run.events.slice(-EVENTS).reverse().map(eventText).join('<br>'))}
</table>`;
}

type RunProgress = NonNullable<StatusView['run']>['progress'];

/** Remaining time as text, by the state of the run. */
const LEFT: Readonly<Record<RunProgress['state'], (left: string) => string>> = {
  running: (left) => `${left} left`,
  paused: (left) => `<b class="paused">paused</b>, ${left} left`,
  draining: () => 'draining',
  finished: () => 'finished',
};

function targetText({ name, active, desired, finished, ttfbP95Ms }: RunProgress['targets'][number]): string {
  const open = active.connecting + active.waiting + active.streaming;
  const ttfb = ttfbP95Ms === null ? '–' : formatDuration(ttfbP95Ms);
  return `${escapeHtml(name)}: ${number(open)} / ${number(desired)} active, TTFB p95 ${ttfb}, ${number(finished.failed)} failed`;
}

function eventText({ at, action, by, detail }: NonNullable<StatusView['run']>['events'][number]): string {
  return `<time datetime="${at}">${at.slice(11, 19)}</time> UTC: ${action} (${escapeHtml(by)}): ${escapeHtml(detail)}`;
}

function lastPart({ last }: StatusView): string {
  if (last === null) return '';
  const { verdict, run, streams } = last;
  return `<table>
${row('previous run', `${escapeHtml(run.id)}, scenario ${escapeHtml(run.scenario)}: <b class="${verdict}">${verdict}</b>: ${escapeHtml(last.verdictReason)}`)}
${row('streams', `${number(streams.started)} started, ${number(streams.finished.complete + streams.finished.limited)} succeeded`)}
${row('thresholds', last.thresholds.map((t) => `<span class="${t.result}">${escapeHtml(t.threshold)} on ${escapeHtml(t.target)}: ${t.result}</span>`).join('<br>'))}${driftRow(last.drift)}
</table>`;
}

function driftRow({ found }: Summary['drift']): string {
  if (found.length === 0) return '';
  const lines = found.map(({ target, text }) => escapeHtml(target === null ? text : `${target}: ${text}`));
  return `\n${row('drift', lines.join('<br>'))}`;
}

function schedulesRow(schedules: StatusView['schedules']): string {
  if (schedules.length === 0) return '';
  const lines = schedules.map(({ name, scenario, timezone, nextAt, lastStartedAt, skipped }) => {
    const time = (at: string): string => `<time datetime="${at}">${wallClock(at, timezone)}</time>`;
    const last = lastStartedAt === null ? 'never started' : `last started ${time(lastStartedAt)}`;
    return `${escapeHtml(name)}: ${escapeHtml(scenario)} at ${time(nextAt)} ${escapeHtml(timezone)}; ${last}${skipped > 0 ? `, skipped ${number(skipped)}` : ''}`;
  });
  return `\n${row('schedules', lines.join('<br>'))}`;
}

/** Returns a row where runs are not kept. */
function historyRow(history: StatusView['history']): string {
  if (history === null) return `\n${row('history', 'none is kept: a restart ends an active run')}`;
  if (history.failing === null) return '';
  const { path, failing } = history;
  return `\n${row('history', `<b class="fail">cannot be written</b>: ${escapeHtml(failing)} (${escapeHtml(path)}); soakd tries again every second`)}`;
}

/** Returns date and time in a time zone, as `2026-03-29 03:30`. */
function wallClock(at: string, timeZone: string): string {
  // The Swedish locale uses this format.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(
    Date.parse(at),
  );
}
