import { serverSuite } from './server-suite.ts';

// A sync worker holds one stream; one more answers for the counts.
serverSuite('django-wsgi', { flags: ['--workers', '4'], users: 3 });
serverSuite('django-wsgi', { flags: ['--workers', '2', '--gthread', '8'] });
