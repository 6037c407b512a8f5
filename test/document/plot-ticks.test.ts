import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHTML } from 'linkedom';
import { plotSvg } from '../../src/document/render/plot-svg.ts';
import type { Plot } from '../../src/schema/report.ts';

/** Of a digit at the size of the labels, px. */
const DIGIT_PX = 6;

describe('the axis of time of a plot', () => {
  for (const seconds of [
    8, 15, 20, 40, 61, 100, 300, 599, 601, 850, 3600, 20_000, 86_400, 300_000, 604_800, 2_000_000,
  ])
    for (const width of [360, 880])
      it(`of ${seconds} s has labels that do not touch, ${width} px wide`, () => {
        const labels = labelsOf(seconds, width);
        assert.ok(labels.length >= 1, `${labels.length} labels`);
        for (const [i, { x, text }] of labels.entries()) {
          const next = labels[i + 1];
          if (next !== undefined)
            assert.ok(next.x - x > text.length * DIGIT_PX, `${text} at ${x}, ${next.text} at ${next.x}`);
        }
      });
});

function labelsOf(seconds: number, width: number): { x: number; text: string }[] {
  const from = Date.UTC(2026, 0, 1, 10, 0, 3);
  const svg = plotSvg(drawing(from, from + seconds * 1000), { width, height: 280 });
  const { document } = parseHTML(`<body>${svg}</body>`);
  const texts = document.querySelectorAll('[aria-label="x-axis tick label"] text');
  return [...texts].map((text) => ({
    x: Number(/translate\(([\d.]+)/.exec(text.getAttribute('transform')!)![1]),
    text: text.textContent!,
  }));
}

function drawing(from: number, to: number): Plot {
  return {
    id: 'open',
    title: 'Open streams',
    x: { kind: 'time', label: 'time, UTC' },
    y: { label: 'streams' },
    series: [
      {
        name: 'a',
        points: [
          [from, 1],
          [to, 2],
        ],
      },
    ],
    without: [],
    limits: [],
    marks: [],
    bands: [],
    text: '',
  };
}
