import assert from 'node:assert/strict';
import { it } from 'node:test';
import { moreOfServe } from '../../src/cli/serve.ts';
import { summaryText } from '../../src/report/text.ts';
import { summaryOf } from '../../support/report/samples.ts';

it('a summary that serve prints names a command that shows the rest, not flags that serve lacks', () => {
  const { verbose, json } = moreOfServe('20261123-aaaa', { config: 'soakd.yaml' }, {});
  assert.equal(verbose, 'soakd runs show 20261123-aaaa --verbose');
  assert.equal(json, 'soakd runs show 20261123-aaaa --json');
  const text = summaryText(summaryOf(), { more: { verbose, json } }).replaceAll(/\s+/g, ' ');
  assert.match(text, /\. soakd runs show 20261123-aaaa --verbose shows URLs, timeouts, settings/);
});

it('the command of a summary that serve prints reads the history that serve writes', () => {
  const command = (data?: string, config = 'soakd.yaml') =>
    moreOfServe('r', { config, ...(data === undefined ? {} : { data }) }, {}).json;
  assert.equal(command(undefined, 'a/b.yaml'), 'soakd runs show r --config a/b.yaml --json');
  assert.equal(command('/data', 'a/b.yaml'), 'soakd runs show r --data /data --json');
  assert.equal(moreOfServe('r', undefined).verbose, 'GET /api/v1/status');
});
