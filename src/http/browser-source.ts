import { stripTypeScriptTypes } from 'node:module';

/** Packages of the page: the name of their file in the folder `vendor` of the page. */
const VENDORS: Readonly<Record<string, string>> = {
  preact: 'preact.js',
  'preact/hooks': 'preact-hooks.js',
  uplot: 'uplot.js',
};

const SPECIFIER = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"]+)\2/g;

/** Returns the JavaScript of a TypeScript file for a browser; lines keep their numbers. */
export function browserSource(typeScript: string): string {
  return browserImports(stripTypeScriptTypes(typeScript));
}

/** Returns a module whose imports a browser finds without an import map, which the content security policy forbids. */
export function browserImports(source: string): string {
  return source.replace(SPECIFIER, (all, keyword: string, quote: string, specifier: string) => {
    const vendor = VENDORS[specifier];
    if (vendor !== undefined) return `${keyword}${quote}../vendor/${vendor}${quote}`;
    if (specifier.startsWith('.') && specifier.endsWith('.ts'))
      return `${keyword}${quote}${specifier.slice(0, -3)}.js${quote}`;
    return all;
  });
}
