import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NGINX } from './needs.ts';
import { poll } from './poll.ts';
import { freePort } from './ports.ts';
import { start } from './process.ts';

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Debian's Nginx as a reverse proxy on loopback, gzip on, everything in a temporary folder.
 * @param to port of the server behind it
 * @param directives of the location, such as `proxy_buffering off;`
 */
export async function startNginx(to: number, directives = ''): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'soakd-nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await writeFile(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off; ${paths.join(' ')}
  gzip on; gzip_types text/event-stream;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${to};
      ${directives}
    }
  }
}
`,
  );
  const program = start(NGINX, ['-p', folder, '-c', file]);
  const url = `http://127.0.0.1:${port}/`;
  await poll('Nginx', async () => {
    if (program.exit !== undefined) throw new Error(program.output);
    // A method that no stream is asked for with.
    return (await fetch(url, { method: 'OPTIONS' }).catch(() => undefined)) === undefined ? undefined : true;
  });
  return {
    url,
    stop: async () => {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
