import type { Plot, Tone } from '../../schema/report.ts';
import { escaped, htmlText } from './html-text.ts';
import { isOutside, plotSvg } from './plot-svg.ts';
import { SERIES_STYLES, styleOf } from './series-style.ts';

/** Sizes for a screen or paper, and for a telephone: letters keep their size. */
const WIDE = { width: 880, height: 280 };
const NARROW = { width: 360, height: 280 };

/** Returns a plot with its legend and its text. */
export function plotHtml(plot: Plot): string {
  const label = `role="img" aria-label="${escaped(plot.title)}"`;
  const svg = (name: string, size: typeof WIDE): string =>
    `<div class="${name}">${plotSvg(plot, size).replace('<svg ', `<svg ${label} `)}</div>`;
  return [
    `<figure id="${escaped(plot.id)}">`,
    `<figcaption><strong>${htmlText(plot.title)}</strong>${legend(plot)}</figcaption>`,
    `<div class="plot">${svg('wide', WIDE)}${svg('narrow', NARROW)}</div>`,
    `<p class="text">${htmlText(plot.text)}</p>`,
    '</figure>',
  ].join('\n');
}

function legend(plot: Plot): string {
  const { series, without, limits, bands } = plot;
  const items = [
    ...series.map(({ name }, i) => item(stroke(i), name)),
    ...without.map(({ name, reason }) => item('', `${name}: ${reason}`)),
    ...limits.map(({ y, label }) =>
      item(line('var(--limit)', '5 3'), isOutside(plot, y) ? `${label} (outside of the plot)` : label),
    ),
    ...[...new Map(bands.map((band) => [band.label, band.tone]))].map(([label, tone]) =>
      item(box(tone), label),
    ),
  ];
  return `<ul class="legend">${items.join('')}</ul>`;
}

const item = (svg: string, name: string): string => `<li>${svg}${htmlText(name)}</li>`;

function stroke(index: number): string {
  const style = styleOf(index);
  return line(`var(--s${style})`, SERIES_STYLES[style]!.dash);
}

const line = (color: string, dash: string): string =>
  `<svg viewBox="0 0 32 11" aria-hidden="true"><path d="M0 5.5H32" fill="none" stroke="${color}" stroke-width="2.5"${dash === 'none' ? '' : ` stroke-dasharray="${dash}"`}/></svg>`;

const box = (tone: Tone): string =>
  `<svg viewBox="0 0 32 11" aria-hidden="true"><path d="M0 0H32V11H0Z" fill="var(--${tone})" fill-opacity=".3"/></svg>`;
