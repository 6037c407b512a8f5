/** A target that answers with a few chunks and then holds every stream open. Ends with the channel to who started it. */
import { createServer } from 'node:net';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const EVENT = 'data: {"n":123,"token":" word"}\n\n';
const CHUNK = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n`;
const CHUNKS = 3;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', () => {
    socket.write(HEAD + CHUNK);
    let sent = 1;
    const timer = setInterval(() => {
      socket.write(CHUNK);
      if (++sent === CHUNKS) clearInterval(timer);
    }, 1000);
    socket.once('close', () => clearInterval(timer));
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 8192 }, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send!(address.port);
});
process.on('disconnect', () => process.exit());
