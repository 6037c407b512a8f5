/** A line of an outline of a value. */
export interface OutlineLine {
  readonly depth: number;
  readonly text: string;
}

/** Writes a JSON value as indented lines, as YAML has them; empty parts are left out. */
export function outlineOf(value: unknown, depth = 0): readonly OutlineLine[] {
  if (Array.isArray(value))
    return value.flatMap((item) => {
      if (!isGroup(item)) return [{ depth, text: `- ${scalarText(item)}` }];
      const [first, ...rest] = outlineOf(item, depth + 1);
      return first === undefined ? [] : [{ depth, text: `- ${first.text}` }, ...rest];
    });
  if (!isGroup(value)) return [{ depth, text: scalarText(value) }];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!isGroup(inner)) return inner === undefined ? [] : [{ depth, text: `${key}: ${scalarText(inner)}` }];
    const lines = outlineOf(inner, depth + 1);
    return lines.length === 0 ? [] : [{ depth, text: `${key}:` }, ...lines];
  });
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function scalarText(value: unknown): string {
  return typeof value === 'string' && value !== '' && !/^\s|\s$|[:#\n]/.test(value)
    ? value
    : JSON.stringify(value);
}
