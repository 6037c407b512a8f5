import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Django, startDjango } from '../support/django.ts';
import { needs } from '../support/needs.ts';

describe('the Django example', { skip: needs('python-venv') }, () => {
  let django: Django;
  before(async () => {
    django = await startDjango({ chunksMean: 12 });
  });
  after(() => django?.stop());

  test('streams an answer of the seed: headers at once, first byte after 1.1 s, [DONE] at the end', async () => {
    const written = performance.now();
    const response = await fetch(django.url);
    const headersMs = performance.now() - written;
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');

    let ttfbMs: number | undefined;
    const reads: Uint8Array[] = [];
    for await (const read of response.body!) {
      ttfbMs ??= performance.now() - written;
      reads.push(read);
    }
    assert.ok(headersMs < 500, `headers after ${headersMs} ms`);
    assert.ok(ttfbMs! >= 1095 && ttfbMs! < 2000, `first byte after ${ttfbMs} ms`);

    const events = Buffer.concat(reads).toString('utf8').split('\n\n');
    assert.equal(events.pop(), '', 'the last event is complete');
    assert.equal(events.pop(), 'data: [DONE]');
    assert.ok(events.length >= 3 && events.length <= 40, `${events.length} chunks`);
    for (const event of events) assert.match(event, /^data: \p{L}{3,5}$/u);
    // Sent one by one, not gathered into one body.
    assert.ok(reads.length >= events.length / 2, `${events.length} chunks in ${reads.length} reads`);
  });

  test('answers POST, and the URL can scale the workload', async () => {
    const started = performance.now();
    const response = await fetch(`${django.url}any/path?chunks_mean=1&ttfb_ms=10`, {
      method: 'POST',
      body: '{"prompt":"hello"}',
    });
    assert.match(await response.text(), /^data: .*\n\ndata: \[DONE\]\n\n$/s);
    assert.ok(performance.now() - started < 1000);
    assert.equal((await fetch(`${django.url}?chunks_mean=many`)).status, 400);
  });
});
