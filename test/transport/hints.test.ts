import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { MAX_LOCATION, shownLocation } from '../../src/core/shown-url.ts';
import { foreignProtocol } from '../../src/transport/foreign-protocol.ts';
import { tlsMessage } from '../../src/transport/tls-message.ts';
import { type TargetOptions, targetAt, User } from '../stream/user.ts';
import { makeCertificate } from './certificate.ts';
import { throughEach } from './transports.ts';

const CERTIFICATE = makeCertificate({ names: ['127.0.0.1'] });
const trusted = { tls: { ca: CERTIFICATE.cert } };

/** @returns what one stream to a server came to */
async function ends(server: net.Server, options: TargetOptions = {}) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await using user = new User(targetAt(port, options));
    const { outcome, stream } = await user.run();
    return { outcome, detail: stream.detail ?? '' };
  } finally {
    server.close();
  }
}

const quiet = (socket: net.Socket): net.Socket => socket.on('error', () => {});

throughEach(() => {
  it('http:// on a port that speaks TLS: the detail names https://', async () => {
    const { outcome, detail } = await ends(https.createServer(CERTIFICATE));
    assert.equal(outcome, 'reset');
    assert.match(detail, /: ended before it answered; if the port speaks TLS, write https:\/\/$/);
  });

  it('http:// on a port that answers with a TLS alert: the detail names https://', async () => {
    const alert = net.createServer((socket) => quiet(socket).end(Buffer.of(21, 3, 3, 0, 2, 2, 80)));
    const { outcome, detail } = await ends(alert);
    assert.equal(outcome, 'malformed');
    assert.match(detail, /: the answer is TLS; write https:\/\/ instead of http:\/\/$/);
  });

  it('http:// on a port that speaks HTTP/2 alone: the detail says so', async () => {
    const { outcome, detail } = await ends(http2.createServer());
    assert.equal(outcome, 'malformed');
    assert.match(detail, /: the answer is HTTP\/2; over https:\/\/ set --http2 N \(http2\)/);
  });

  it('a redirect shows where it leads, without its secrets', async () => {
    const location = 'https://me:pw@other.example/x?api_key=sk-1&page=2#access_token=3';
    const { detail } = await ends(
      http.createServer((_, answer) => answer.writeHead(307, { location }).end()),
    );
    assert.equal(
      detail,
      'status 307 to https://other.example/x?api_key=HIDDEN&page=2, redirects are not followed',
    );
  });

  it('a redirect that quotes a credential of the target does not show it', async () => {
    const server = http.createServer((_, answer) => answer.writeHead(302, { location: '/s3cr3t/x' }).end());
    const { detail } = await ends(server, { secrets: ['s3cr3t'] });
    assert.equal(detail, 'status 302 to /[redacted]/x, redirects are not followed');
  });

  for (const [asked, says] of [
    [undefined, 'though none was asked for'],
    ['identity', 'though none was asked for'],
    ['gzip;q=0', 'though none was asked for'],
    ['br, GZIP;q=0.5', "asked for by the target's own accept-encoding header; remove that header"],
    ['*', "asked for by the target's own accept-encoding header; remove that header"],
    ['br', "though the target's own accept-encoding header does not ask for it; remove that header"],
  ] as const)
    it(`a body in gzip where accept-encoding is ${asked}: ${says}`, async () => {
      const head = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' };
      const server = http.createServer((_, answer) => answer.writeHead(200, head).end('x'));
      const headers = asked === undefined ? [] : ['accept-encoding', asked];
      assert.deepEqual(await ends(server, { headers }), {
        outcome: 'wrong_content_type',
        detail: `content-encoding gzip, ${says}`,
      });
    });
});

describe('hints of TLS', () => {
  const cases: readonly (readonly [string, () => net.Server, TargetOptions, string])[] = [
    [
      'a self-signed certificate is trusted with --ca, not with a flag of Node',
      () => https.createServer(CERTIFICATE),
      { tls: {} },
      'DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate; --ca FILE (tls.ca) trusts it',
    ],
    [
      'https:// on a port that speaks plain HTTP',
      () => http.createServer(),
      trusted,
      'ERR_SSL_WRONG_VERSION_NUMBER: the answer is not TLS; if the port speaks plain HTTP, write http://',
    ],
    [
      'a server of HTTP/2 alone',
      () => http2.createSecureServer(CERTIFICATE),
      trusted,
      'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: the server refuses HTTP/1.1; for HTTP/2 set --http2 N (http2)',
    ],
    [
      'a reset in the handshake is not called a bad certificate',
      () => net.createServer((socket) => quiet(socket).once('data', () => socket.resetAndDestroy())),
      trusted,
      'ECONNRESET: the connection was reset during the TLS handshake',
    ],
    [
      'a close in the handshake is not called a reset',
      () => net.createServer((socket) => quiet(socket).once('data', () => socket.end())),
      trusted,
      'CLOSED: the connection was closed during the TLS handshake',
    ],
  ];
  for (const [name, server, options, detail] of cases)
    it(name, async () => assert.deepEqual(await ends(server(), options), { outcome: 'tls_error', detail }));

  it('no message names a flag of Node', () => {
    const said = 'x; if the root CA is installed locally, try running Node.js with --use-system-ca';
    for (const code of ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN', 'ANOTHER'])
      assert.doesNotMatch(tlsMessage(code, said, false), /Node/);
    for (const code of ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN'])
      assert.match(tlsMessage(code, said, false), /--ca FILE \(tls\.ca\)/);
  });

  it('an HTTP/2 server that ends its connection is not said to have reset the stream', async () => {
    const server = http2.createSecureServer(CERTIFICATE);
    server.on('session', (session) => session.on('error', () => {}));
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
      stream.write('data: a\n\n', () => stream.session!.destroy());
    });
    const { outcome, detail } = await ends(server, { ...trusted, http2: { streamsPerConnection: 2 } });
    assert.equal(outcome, 'reset');
    assert.equal(detail, 'CLOSED: the connection ended without a reset of the stream');
  });
});

describe('shownLocation', () => {
  for (const [location, shown] of [
    ['/login?next=%2Fx', '/login?next=%2Fx'],
    ['//u:p@h/x', '//h/x'],
    ['https://u:p@q@h/x', 'https://h/x'],
    ['/cb?code=1&state=2&access_token=3&plain', '/cb?code=HIDDEN&state=HIDDEN&access_token=HIDDEN&plain'],
    ['/x?X-Amz-Signature=1&%61pi_key=2&%zz=3', '/x?X-Amz-Signature=HIDDEN&%61pi_key=HIDDEN&%zz=3'],
    ['', ''],
  ] as const)
    it(JSON.stringify(location), () => assert.equal(shownLocation(location), shown));

  it('is bounded', () => {
    const shown = shownLocation(`/${'a'.repeat(60_000)}`);
    assert.equal(shown.length, MAX_LOCATION);
    assert.ok(shown.endsWith('...'));
  });
});

describe('foreignProtocol', () => {
  it('knows no protocol in HTTP, in text and in what is too short', () => {
    for (const bytes of [
      Buffer.from('HTTP/1.1 200 OK\r\n'),
      Buffer.from('\n\n\n'),
      Buffer.of(0, 0, 18, 4),
      Buffer.of(),
    ])
      assert.equal(foreignProtocol(bytes), undefined);
  });
});
