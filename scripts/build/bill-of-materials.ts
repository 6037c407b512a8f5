import { createHash } from 'node:crypto';

/** What is read of package-lock.json. */
interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devDependencies?: unknown }>>;
}

/**
 * @param lock content of package-lock.json
 * @returns the same less what is for development alone. `npm sbom --omit=dev` would not do: it leaves out, too, what
 * the program and a tool of its development both need.
 */
export function lockWithoutDevelopment(lock: Lock): object {
  const packages = Object.entries(lock.packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([path, { devDependencies: _, ...locked }]) => [path, locked]);
  return { ...lock, packages: Object.fromEntries(packages) };
}

/**
 * @param made by `npm sbom --sbom-format=cyclonedx`, which names the folder and the moment it ran in
 * @returns the same for the same dependencies: without a time, and its serial number is made from its content
 */
export function billOfMaterials(made: string): string {
  const { $schema, bomFormat, specVersion, serialNumber: _, ...content } = JSON.parse(made);
  const { component } = content.metadata;
  delete content.metadata.timestamp;
  component.type = 'application';
  component.name = component['bom-ref'].replace(/@[^@]*$/, '');
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  // RFC 9562, version 8: bits of one's own choice.
  const uuid = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
  const serialNumber = `urn:uuid:${uuid}`;
  return `${JSON.stringify({ $schema, bomFormat, specVersion, serialNumber, ...content }, null, 2)}\n`;
}
