// The image's HEALTHCHECK: there is no curl in it. In the container soakd always listens on 9876; publish another
// port outside instead.
import { get } from 'node:http';

get('http://127.0.0.1:9876/-/healthy', { timeout: 4000 }, (response) => {
  process.exit(response.statusCode === 200 ? 0 : 1);
})
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
