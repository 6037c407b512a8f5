import { h, type ComponentChild as View } from 'preact';

/** Returns the URL of the report of a kept run. */
function reportUrl(id: string): string {
  return `/api/v1/runs/${encodeURIComponent(id)}/report`;
}

/** The report of a kept run, in a frame: it has styles of its own, and neither scripts nor rights. */
export function ReportView({ id }: { readonly id: string }): View {
  return h(
    'div',
    null,
    h('h1', null, 'Report ', h('small', null, id)),
    h(
      'div',
      { class: 'bar' },
      h('a', { class: 'button', href: `#/runs/${id}` }, 'Back to the run'),
      h('a', { class: 'button', href: reportUrl(id), download: `${id}.html` }, 'Save as HTML'),
      h(
        'a',
        { class: 'button', href: `${reportUrl(id)}?format=md`, download: `${id}.md` },
        'Save as Markdown',
      ),
    ),
    h('iframe', { class: 'report', src: reportUrl(id), sandbox: '', title: `Report of run ${id}` }),
  );
}
