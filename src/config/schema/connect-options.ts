import {
  type Auth,
  type ConnectOptions,
  type Http2,
  type Names,
  type ProxyChoice,
  type TlsFiles,
  TRANSPORTS,
  type Transport,
} from '../../core/connect-options.ts';
import { auth } from './auth.ts';
import { http2 } from './http2.ts';
import { dns, resolve } from './names.ts';
import { proxy } from './proxy.ts';
import { oneOf, text } from './scalars.ts';
import { tls } from './tls.ts';

/** Connect options of a target. */
export const CONNECT_KEYS = {
  tls: tls.optional(),
  proxy: proxy.optional(),
  auth: auth.optional(),
  resolve: resolve.optional(),
  dns: dns.optional(),
  socket: text('the path of a Unix socket').optional(),
  http2: http2.optional(),
  transport: oneOf(TRANSPORTS).optional(),
};

/** Parsed connect options. */
export interface GivenConnectOptions {
  readonly tls?: TlsFiles | undefined;
  readonly proxy?: ProxyChoice | undefined;
  readonly auth?: Auth | undefined;
  readonly resolve?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly dns?: { readonly servers: readonly string[] } | undefined;
  readonly socket?: string | undefined;
  readonly http2?: Http2 | undefined;
  readonly transport?: Transport | undefined;
}

/** Combines the keys into connect options. Paths stay as written. */
export function connectOptionsOf(given: GivenConnectOptions): ConnectOptions {
  const { tls: files, proxy: choice, auth: who, socket } = given;
  const names: Names | undefined =
    given.resolve === undefined && given.dns === undefined
      ? undefined
      : { fixed: given.resolve ?? {}, servers: given.dns?.servers ?? [] };
  return {
    ...(files === undefined ? {} : { tls: files }),
    ...(choice === undefined ? {} : { proxy: choice }),
    ...(who === undefined ? {} : { auth: who }),
    ...(names === undefined ? {} : { names }),
    ...(socket === undefined ? {} : { socketPath: socket }),
    ...(given.http2 === undefined ? {} : { http2: given.http2 }),
    ...(given.transport === undefined ? {} : { transport: given.transport }),
  };
}
