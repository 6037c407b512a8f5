/**
 * `node:http`, for its values: an import of the module loads all that it exports, and with its `WebSocket` the undici of Node,
 * which takes 6 MiB in each thread.
 */
export const nodeHttp: typeof import('node:http') = process.getBuiltinModule('node:http');
