import { serverSuite } from './server-suite.ts';

serverSuite('django-asgi');
