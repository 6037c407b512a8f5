import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { buildAllowlist } from '../../src/core/allow.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Tls } from '../../src/target/tls.ts';
import { dialOptions } from '../../src/transport/connector.ts';
import { NETWORK } from '../../src/transport/dial.ts';
import { chunked, EVENTS_HEAD, LAST_CHUNK, Peer, type PeerOptions } from '../stream/peer.ts';
import { type Seen, type TargetOptions, targetAt, User } from '../stream/user.ts';
import { makeAuthority, makeCertificate } from './certificate.ts';
import { leavesNothingOpen } from './handles.ts';
import { namesNetwork } from './networks.ts';

leavesNothingOpen();

const ours = makeAuthority('an authority of our own');
const others = makeAuthority('somebody else');
const certificate = makeCertificate({ names: ['127.0.0.1', '::1', 'llm.invalid'], by: ours });
const client = makeCertificate({ names: ['client.invalid'], by: ours });
const stranger = makeCertificate({ names: ['client.invalid'], by: others });
const former = makeCertificate({
  names: ['client.invalid'],
  by: ours,
  notAfter: new Date(Date.now() - 60_000),
});

const ANSWER = Buffer.concat([
  Buffer.from(EVENTS_HEAD),
  chunked('data: one\n\n', 'data: [DONE]\n\n'),
  Buffer.from(LAST_CHUNK),
]);

async function streamTo(
  options: PeerOptions['tls'],
  material: Tls,
  more: TargetOptions = {},
): Promise<{ seen: Seen; peer: Peer; names: string[] }> {
  const names: string[] = [];
  const SNICallback: TlsOptions['SNICallback'] = (name, answer) => {
    names.push(name);
    answer(null);
  };
  await using peer = await Peer.listen((socket) => void socket.write(ANSWER), {
    tls: { ...certificate, SNICallback, ...options },
  });
  const target = targetAt(peer.port, { ...more, tls: material });
  const network = namesNetwork(['127.0.0.1']);
  await using user = new User(target, { network });
  return { seen: await user.run(), peer, names };
}

describe('a client certificate', () => {
  const wanted = { requestCert: true, rejectUnauthorized: true, ca: ours.cert };
  // Under TLS 1.3 the client is through with the handshake before the server has looked at what it sent.
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options = { ...wanted, minVersion: version, maxVersion: version };

    it(`${version}: a good one is taken, on every connection`, async () => {
      const { seen } = await streamTo(options, { ca: ours.cert, ...client });
      assert.equal(seen.outcome, 'complete', seen.stream.detail);
    });

    for (const [what, shown, says] of [
      [
        'none',
        {},
        /^ERR_SSL_.*ALERT_.*: (.*alert handshake failure|.*--cert and --key \(tls\.cert, tls\.key\))$/,
      ],
      ['one of another authority', stranger, /^(UNCONFIRMED|CLOSED): /],
      ['one that has expired', former, /^(UNCONFIRMED|CLOSED): /],
    ] as const) {
      it(`${version}: ${what} is a tls_error that says so`, async () => {
        const { seen } = await streamTo(options, { ca: ours.cert, ...shown });
        assert.equal(seen.outcome, 'tls_error', `${seen.outcome}: ${seen.stream.detail}`);
        assert.match(seen.stream.detail!, says);
        assert.doesNotMatch(seen.stream.detail!, /deps|openssl/);
      });
    }
  }

  it('is not shown to a server that does not ask', async () => {
    const { seen } = await streamTo({}, { ca: ours.cert, ...client });
    assert.equal(seen.outcome, 'complete');
  });
});

describe('authority and name', () => {
  it('an authority of our own is trusted in place of the usual ones', async () => {
    assert.equal((await streamTo({}, { ca: ours.cert })).seen.outcome, 'complete');
    for (const material of [{}, { ca: others.cert }]) {
      const { seen } = await streamTo({}, material);
      assert.equal(seen.outcome, 'tls_error');
      assert.match(seen.stream.detail!, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/);
    }
  });

  const ca = { ca: ours.cert };
  const names: readonly [
    what: string,
    more: { readonly host?: string; readonly serverName?: string },
    sent: string | undefined,
    outcome: Outcome,
  ][] = [
    ['the host', { host: 'llm.invalid' }, 'llm.invalid', 'complete'],
    ['none for an address', {}, undefined, 'complete'],
    ['serverName in place of an address', { serverName: 'llm.invalid' }, 'llm.invalid', 'complete'],
    [
      'serverName in place of the host',
      { host: 'x.invalid', serverName: 'llm.invalid' },
      'llm.invalid',
      'complete',
    ],
    // What is asked for is what is verified.
    ['serverName, though the host would fit', { serverName: 'x.invalid' }, 'x.invalid', 'tls_error'],
    ['a host that the certificate is not for', { host: 'x.invalid' }, 'x.invalid', 'tls_error'],
  ];
  for (const [what, more, sent, outcome] of names) {
    it(`asks for ${what}: ${outcome}`, async () => {
      const { host = '127.0.0.1', ...tls } = more;
      const { seen, peer, names } = await streamTo({}, { ...tls, ca: ours.cert }, { host });
      assert.equal(seen.outcome, outcome, seen.stream.detail);
      assert.deepEqual(names, sent === undefined ? [] : [sent]);
      if (outcome !== 'complete') assert.match(seen.stream.detail!, /^ERR_TLS_CERT_ALTNAME_INVALID/);
      // The name of TLS is no name of HTTP.
      else assert.match(peer.heads[0]!, new RegExp(`^host: ${host}:${'\\d+'}$`, 'm'));
    });
  }

  it("a host header of one's own changes neither", async () => {
    const { seen, names, peer } = await streamTo({}, ca, {
      host: 'llm.invalid',
      headers: ['host', 'other.invalid', 'content-type', 'application/json'],
    });
    assert.equal(seen.outcome, 'complete', seen.stream.detail);
    assert.deepEqual(names, ['llm.invalid']);
    assert.match(peer.heads[0]!, /^host: other\.invalid$/m);
  });
});

it('minVersion refuses a server that speaks only an older version', async () => {
  const old = { maxVersion: 'TLSv1.2' } as const;
  for (const [minVersion, outcome] of [
    ['TLSv1.2', 'complete'],
    ['TLSv1.3', 'tls_error'],
  ] as const) {
    const { seen } = await streamTo(old, { ca: ours.cert, minVersion });
    assert.equal(seen.outcome, outcome, seen.stream.detail);
  }
});

it('a context of TLS is made once for all connections of a thread, and none without TLS', () => {
  const optionsOf = (options: TargetOptions) =>
    dialOptions(targetAt(1, options).route, buildAllowlist([]), NETWORK, () => 0);
  assert.notEqual(optionsOf({ tls: {} }).secureContext, undefined);
  assert.deepEqual([optionsOf({}).secureContext, optionsOf({}).lookup], [undefined, undefined]);
});
