import type { Command } from 'commander';

/**
 * Adds the connect options of a target, the same for every command that takes a target by URL. Values may hold
 * `${env:NAME}`, which keeps secrets off the command line, where every user of the machine can see them.
 */
export function addConnectFlags(command: Command): Command {
  return command
    .option('--ca <file>', 'PEM file of the CAs to trust instead of the CAs of Node')
    .option('--cert <file>', 'PEM file of a client certificate, with --key')
    .option('--key <file>', 'PEM file of the key of --cert')
    .option('--key-passphrase <text>', `passphrase of --key: '$\{env:NAME}' or '$\{file:path}'`)
    .option('--server-name <name>', 'TLS server name to send and verify (default: the host)')
    .option('--user <name:password>', `basic authentication, e.g. 'me:$\{env:PASSWORD}'`)
    .option('--bearer <token>', `bearer authentication, e.g. '$\{env:API_KEY}'`)
    .option(
      '--proxy <url>',
      'URL of a proxy, or "none" for no proxy (default: from http_proxy, https_proxy and no_proxy)',
    )
    .option('--unix-socket <path>', 'Unix socket to connect to, instead of the host of the URL')
    .option(
      '--http2 <streams>',
      'use HTTP/2 with this many streams per connection (default: HTTP/1.1, one stream per connection)',
    )
    .option(
      '--transport <name>',
      'HTTP client: lean, which is built into soakd, or undici (default: lean for http:// without a proxy)',
    );
}

/** Adds the flags for the end and the failures of a stream, for every command that classifies one. */
export function addFormatFlags(command: Command): void {
  command
    .option(
      '--terminal <data>',
      'what ends a stream: literal data such as "[DONE]"; or the word "end": a clean end of the body; or the word "finish": a clean end once each choice has its finish reason',
    )
    .option('--terminal-event <name>', 'end of a stream: name of an event')
    .option('--terminal-path <path>', 'end of a stream: path into the JSON of an event, or path=value')
    .option('--error-event <name>', 'in-band error: name of an event')
    .option('--error-path <path>', 'in-band error: path into the JSON of an event, or path=value')
    .option('--max-event <size>', 'maximum size of a line or event (default: 1MiB)');
}
