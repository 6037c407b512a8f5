/** Returns `node:http2`, which the first call in a thread loads: most threads have no session. */
export function nodeHttp2(): typeof import('node:http2') {
  return process.getBuiltinModule('node:http2');
}
