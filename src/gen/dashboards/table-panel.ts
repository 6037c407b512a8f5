import { TableCellDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import {
  type DataTransformerConfig,
  type DynamicConfigValue,
  FieldColorModeId,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { thresholdsOf } from './colours.ts';
import type { Column, TableSpec } from './panel-spec.ts';
import { refIdOf } from './sdk-gaps.ts';

/** A table of several instant queries: one row for each value of a label, one column for each query. */
export function tablePanel({ rows, columns, queries, sortBy }: TableSpec): Panel {
  const panel = new TableBuilder()
    .colorScheme({ build: () => ({ mode: FieldColorModeId.Thresholds }) })
    .thresholds({ build: () => thresholdsOf([{ value: null, colour: 'text' }]) })
    .sortBy([{ build: () => ({ displayName: sortBy, desc: true }) }])
    .transformations(
      joined(
        rows.label,
        rows.heading,
        queries.map((q) => q.legend),
      ),
    );
  const first: DynamicConfigValue[] = [{ id: 'unit', value: 'string' }];
  if (rows.link !== undefined) first.push({ id: 'links', value: [{ ...rows.link, targetBlank: false }] });
  panel.overrideByName(rows.heading, first);
  for (const [heading, column] of Object.entries(columns))
    panel.overrideByName(heading, propertiesOf(column));
  return panel.build();
}

/** Instant queries share their time, so that rows merge by label; then the time is of no use. */
function joined(label: string, heading: string, names: readonly string[]): DataTransformerConfig[] {
  const value = (i: number) => `Value #${refIdOf(i)}`;
  return [
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries([[label, 0], ...names.map((_, i) => [value(i), i + 1])]),
        renameByName: Object.fromEntries([[label, heading], ...names.map((name, i) => [value(i), name])]),
      },
    },
  ];
}

function propertiesOf({ unit, decimals, colours }: Column): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [];
  if (unit !== undefined) properties.push({ id: 'unit', value: unit });
  if (decimals !== undefined) properties.push({ id: 'decimals', value: decimals });
  if (colours !== undefined) {
    properties.push({ id: 'thresholds', value: thresholdsOf(colours) });
    properties.push({ id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } });
  }
  return properties;
}
