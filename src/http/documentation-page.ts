import { escapeHtml, htmlPage, row } from './html.ts';

/** Parts of an OpenAPI document that the page shows. */
export interface OpenApi {
  readonly info: { readonly title: string; readonly summary: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, DocumentedSchema>> };
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

type Content = Readonly<
  Record<
    string,
    {
      readonly schema: DocumentedSchema;
      readonly example?: unknown;
      readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
    }
  >
>;

interface DocumentedSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, DocumentedSchema>>;
  readonly required?: readonly string[];
  readonly items?: DocumentedSchema;
  readonly oneOf?: readonly DocumentedSchema[];
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
}

/** Renders an OpenAPI document as a page. */
export function documentationPage({ info, tags, paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const parts = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2>${escapeHtml(description)}</h2>${own.map(operationPart).join('')}`;
  });
  const schemas = Object.entries(components.schemas).map(([name, schema]) => schemaPart(name, schema));
  return htmlPage(
    `${info.title}: API`,
    `<h1>${escapeHtml(info.title)} <small>${escapeHtml(info.summary)}</small></h1>
<p>${prose(info.description)}</p>
<p>OpenAPI 3.1: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>. <a href="/">Status page</a>.</p>
${parts.join('\n')}
<h2>Objects</h2>
${schemas.join('\n')}`,
  );
}

function operationPart({
  path,
  method,
  operation,
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: DocumentedOperation;
}): string {
  const { operationId, summary, description, security, parameters = [], requestBody, responses } = operation;
  const roles = new Set(security.flatMap((scheme) => Object.values(scheme).flat()));
  const schema = requestBody?.content['application/json'];
  const answers = Object.entries(responses).map(([status, response]) => {
    const shapes = Object.values(response.content ?? {}).map((media) => typeText(media.schema));
    return row(escapeHtml(status), [prose(response.description), ...shapes].join(' '));
  });
  return `<h3 id="${escapeHtml(operationId)}"><code>${escapeHtml(method.toUpperCase())} ${escapeHtml(path)}</code></h3>
<p>${escapeHtml(summary)}.${description === undefined ? '' : ` ${prose(description)}`} ${
    roles.size === 0 ? 'Needs no token.' : `Role: <code>${escapeHtml([...roles].join(', '))}</code>.`
  }</p>
${parameters.length === 0 ? '' : `<table>${parameters.map((p) => row(`?${escapeHtml(p.name)}=`, prose(p.description ?? ''))).join('')}</table>`}
${schema === undefined || schema.schema.properties === undefined ? '' : bodyPart(schema.schema, requestBody?.required === true)}
${examplesOf(schema).map(example).join('')}
<table>${answers.join('')}</table>
`;
}

function bodyPart(schema: DocumentedSchema, required: boolean): string {
  const keys = Object.keys(schema.properties ?? {});
  if (keys.length === 0) return '';
  return `<p>Body${required ? '' : ' (optional)'}: ${escapeHtml(schema.description ?? '')}.</p>${fields(schema, 'optional')}`;
}

function examplesOf(media: Content[string] | undefined): readonly unknown[] {
  if (media === undefined) return [];
  const named = Object.values(media.examples ?? {}).map(({ value }) => value);
  return media.example === undefined ? named : [media.example, ...named];
}

function schemaPart(name: string, schema: DocumentedSchema): string {
  return `<h3 id="${escapeHtml(name)}">${escapeHtml(name)}</h3><p>${prose(schema.description ?? '')}</p>${fields(schema)}${(
    schema.examples ?? []
  )
    .map(example)
    .join('')}`;
}

/** @param optional note on keys that are not required */
function fields({ properties = {}, required = [] }: DocumentedSchema, optional = 'optional'): string {
  const rows = Object.entries(properties).map(([key, schema]) => {
    const note = required.includes(key) ? '' : ` <small>(${optional})</small>`;
    const inner = schema.items?.properties === undefined ? schema : schema.items;
    const nested = inner.properties === undefined ? '' : fields(inner);
    return row(
      `<code>${escapeHtml(key)}</code>${note}`,
      `${typeText(schema)} ${prose(schema.description ?? '')}${nested}`,
    );
  });
  return `<table>${rows.join('')}</table>`;
}

/** Returns the type of a value as HTML. */
function typeText(schema: DocumentedSchema): string {
  if (schema.$ref !== undefined) {
    const name = escapeHtml(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#${name}">${name}</a>`;
  }
  if (schema.oneOf !== undefined && schema.type === undefined) return schema.oneOf.map(typeText).join(' or ');
  if (schema.enum !== undefined)
    return schema.enum.map((v) => `<code>${escapeHtml(String(v))}</code>`).join(', ');
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}:`;
  const kinds = [schema.type ?? 'any'].flat();
  return `<small>${kinds.map((kind) => escapeHtml(kind)).join(' or ')}</small>`;
}

function example(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, undefined, 2))}</pre>`;
}

/** Escapes text and turns backticks into code elements. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
