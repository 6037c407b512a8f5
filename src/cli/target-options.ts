import type { Command } from 'commander';

/**
 * Adds the flags that say how a target is reached: the same for every command that takes one by its URL.
 * Values may hold `${env:NAME}`, so that no secret stands on the command line, which every user of the machine sees.
 */
export function addConnectFlags(command: Command): Command {
  return command
    .option('--ca <file>', 'PEM of the authorities that are trusted in place of the usual ones')
    .option('--cert <file>', 'PEM of a client certificate, with --key')
    .option('--key <file>', 'PEM of its key')
    .option('--key-passphrase <text>', `of the key: '$\{env:NAME}' or '$\{file:path}'`)
    .option('--server-name <name>', 'name that is asked for and verified in TLS (default: the host)')
    .option('--user <name:password>', `basic authentication, e.g. 'me:$\{env:PASSWORD}'`)
    .option('--bearer <token>', `bearer authentication, e.g. '$\{env:API_KEY}'`)
    .option('--proxy <url>', 'proxy, or none (default: as http_proxy, https_proxy and no_proxy say)')
    .option('--unix-socket <path>', 'connects there, whatever the host of the URL')
    .option(
      '--http2 <streams>',
      'HTTP/2, with so many streams on each connection (default: HTTP/1.1, one each)',
    )
    .option('--transport <name>', 'lean or undici (default: lean for http:// without a proxy)');
}
