import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * @returns a TCP port of 127.0.0.1 that nothing listens on. For programs that cannot be told to take port 0;
 * the system hands out free ports in turn, so two callers hardly ever get the same one.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
