import { serverSuite } from './server-suite.ts';

serverSuite('nginx-three', { flags: ['--failover'] });
serverSuite('nginx-three', { flags: ['--buffering', 'on'], lateHeaders: true });
