#!/usr/bin/env node
/**
 * The command of the installed package. It is what any Node meets first, so it is plain JavaScript that even Node 10
 * can read: an old one is told what is missing, where the program itself would end in a syntax error.
 *
 * 22.19 is what undici asks for; 23 ended before it had all of that.
 */
const version = process.versions.node.split('.').map(Number);

if (version[0] >= 24 || (version[0] === 22 && version[1] >= 19)) {
  // Until the program is loaded, too, SIGUSR1 must not open the inspector.
  process.on('SIGUSR1', () => {});
  // As the first process of a container, one without a handler would not be ended. The program sets its own.
  process.on('SIGTERM', () => process.exit(143));
  // What a start compiles the next one finds.
  require('node:module').enableCompileCache();
  import('../dist/cli/main.js').catch((error) => {
    const unbuilt = error.code === 'ERR_MODULE_NOT_FOUND' && /dist.cli.main\.js/.test(error.message);
    stop(unbuilt ? 'this checkout is not built: run npm run build' : error.stack);
  });
} else {
  stop(
    `found Node ${process.versions.node}, expected 22.19 or newer of 22, or 24 or newer; see https://nodejs.org`,
  );
}

function stop(why) {
  process.stderr.write(`soakd: ${why}\n`);
  // "Could not start", as docs/usage.md has it.
  process.exitCode = 4;
}
