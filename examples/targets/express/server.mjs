// Express on Node.js, streaming the answers of ../workload.md.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import express from 'express';

const { values } = parseArgs({ options: { port: { type: 'string' }, host: { type: 'string' } } });
const definition = JSON.parse(readFileSync(new URL('../workload.json', import.meta.url), 'utf8'));
const CHUNKS_MEAN = Number(process.env.SOAK_CHUNKS_MEAN ?? definition.chunksMean);
const TTFB_MS = Number(process.env.SOAK_TTFB_MS ?? definition.ttfbMs);
const [FROM_MS, TO_MS] = definition.gapMs;
const SIGMA = definition.chunksSigma;
const EVENTS = definition.words.flatMap((line) => line.split(' ')).map((word) => `data: ${word}\n\n`);

const counted = { started: 0, finished: 0 };

/** Lognormal; the normal deviate is Box and Muller's. */
function chunksOf(mean) {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return Math.max(1, Math.round(Math.exp(Math.log(mean) - SIGMA ** 2 / 2 + SIGMA * normal)));
}

const app = express();
app.disable('x-powered-by');

app.get('/count', (_request, response) => {
  response.json(counted);
});

app.all('/{*path}', (request, response) => {
  const mean = Number(request.query.chunks_mean ?? CHUNKS_MEAN);
  const ttfbMs = Number(request.query.ttfb_ms ?? TTFB_MS);
  if (!(mean >= 1 && mean <= 1e6 && ttfbMs >= 0 && ttfbMs <= 1e6)) {
    response.status(400).type('text/plain');
    response.send('chunks_mean is a number from 1 to 1e6, ttfb_ms one from 0 to 1e6\n');
    return;
  }
  counted.started++;
  // Not response.type: Express adds a charset.
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.flushHeaders();

  let left = chunksOf(mean);
  const next = () => {
    response.write(EVENTS[Math.floor(Math.random() * EVENTS.length)]);
    if (--left > 0) {
      timer = setTimeout(next, FROM_MS + Math.random() * (TO_MS - FROM_MS));
      return;
    }
    response.end('data: [DONE]\n\n', () => counted.finished++);
  };
  let timer = setTimeout(next, ttfbMs);
  response.on('close', () => clearTimeout(timer));
});

const port = Number(values.port);
const server = app.listen({ port, host: values.host, backlog: 4096 }, (error) => {
  if (error) throw error;
  process.stderr.write(`Express listens on http://${values.host}:${port}/\n`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => process.exit());
    server.closeIdleConnections();
    setTimeout(() => process.exit(), 3000).unref();
  });
}
