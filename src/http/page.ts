import { formatDuration } from '../core/duration.ts';
import { formatPercent } from '../core/percent.ts';
import { number } from '../report/text.ts';
import type { Status } from './status.ts';

const LINKS = [
  ['/metrics', 'metrics, for Prometheus'],
  ['/api/v1/status', 'this page as JSON'],
  ['/api/v1/streams?state=stalled', 'open streams that are silent'],
  ['/api/v1/failures', 'the last failed streams'],
  ['/-/healthy', 'alive?'],
  ['/-/ready', 'ready?'],
] as const;

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
  h1 { font-size: 1.4rem; margin: 0 } h1 small { font-weight: normal; color: #59636e }
  table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem } th { text-align: left; font-weight: normal; color: #59636e; width: 11rem }
  td, th { padding: .2rem .5rem .2rem 0; vertical-align: top; border-bottom: 1px solid #d8dee4 }
  .bar { height: .5rem; background: #d8dee4; border-radius: .25rem; overflow: hidden } .bar i { display: block; height: 100%; background: #0969da }
  .pass { color: #1a7f37 } .fail { color: #cf222e } .inconclusive, .aborted { color: #9a6700 } b { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3 } a { color: #58a6ff } td, th { border-color: #30363d } .bar { background: #30363d } }
`;

/** A small page without scripts that draws itself anew every two seconds. */
export function statusPage(status: Status): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">
<title>soakd: ${escapeHtml(status.state)}</title><style>${STYLE}</style></head>
<body>
<h1>soakd <small>${escapeHtml(status.version)} · ${escapeHtml(status.state)}</small></h1>
${runPart(status)}
${lastPart(status)}
<table>
${row('scenarios', status.scenarios.map(escapeHtml).join(', '))}
${row('targets', status.targets.map((t) => `${escapeHtml(t.name)} (${escapeHtml(t.format)}) ${escapeHtml(t.url)}`).join('<br>'))}
${row('links', LINKS.map(([href, text]) => `<a href="${href}">${href}</a> ${text}`).join('<br>'))}
</table>
</body>
</html>
`;
}

function runPart({ run }: Status): string {
  if (run === null)
    return '<p>No run is active. <code>POST /api/v1/runs {"scenario": "…"}</code> starts one.</p>';
  const { progress: p } = run;
  const ms = (v: number | null): string => (v === null ? '–' : formatDuration(v));
  return `<table>
${row('run', `${escapeHtml(run.id)}, scenario ${escapeHtml(run.scenario)}, stage ${p.stage + 1} of ${p.stages}`)}
${row('time', `${formatDuration(p.elapsedMs)}, ${p.state === 'running' ? `${formatDuration(p.leftMs)} left` : 'draining'}<div class="bar"><i style="width:${(p.done * 100).toFixed(1)}%"></i></div>`)}
${row('active / desired', `<b>${number(p.active)}</b> / ${number(p.desired)}`)}
${row('TTFB, last 10 s', `p50 <b>${ms(p.ttfbP50Ms)}</b> · p95 <b>${ms(p.ttfbP95Ms)}</b>`)}
${row('success, last 10 s', p.success === null ? '–' : `<b>${formatPercent(p.success)}</b>, ${number(p.failed)} failed`)}
${row('chunks a second', `<b>${number(p.chunksPerSecond)}</b>`)}
</table>`;
}

function lastPart({ last }: Status): string {
  if (last === null) return '';
  const { verdict, run, streams } = last;
  return `<table>
${row('last run', `${escapeHtml(run.id)}, scenario ${escapeHtml(run.scenario)}: <b class="${verdict}">${verdict}</b> (${escapeHtml(last.reason)})`)}
${row('streams', `${number(streams.started)} started, ${number(streams.finished.complete + streams.finished.limited)} complete`)}
${row('thresholds', last.thresholds.map((t) => `<span class="${t.judgement}">${escapeHtml(t.threshold)} on ${escapeHtml(t.target)}: ${t.judgement}</span>`).join('<br>'))}
</table>`;
}

function row(name: string, value: string): string {
  return `<tr><th>${name}</th><td>${value}</td></tr>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
