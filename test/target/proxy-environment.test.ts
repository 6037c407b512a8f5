import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Environment, isExempt, proxyFromEnvironment } from '../../src/target/proxy-environment.ts';

const HTTP = 'http://llm.example/v1';
const HTTPS = 'https://llm.example/v1';

describe('the proxy of the environment', () => {
  const table: readonly [env: Environment, url: string, variable: string | undefined][] = [
    [{}, HTTP, undefined],
    [{ http_proxy: 'http://p:1' }, HTTP, 'http_proxy'],
    [{ http_proxy: 'http://p:1' }, HTTPS, undefined],
    // A header of a request to a CGI program would be that.
    [{ HTTP_PROXY: 'http://p:1' }, HTTP, undefined],
    [{ https_proxy: 'http://p:1' }, HTTPS, 'https_proxy'],
    [{ HTTPS_PROXY: 'http://p:1' }, HTTPS, 'HTTPS_PROXY'],
    [{ HTTPS_PROXY: 'http://p:1' }, HTTP, undefined],
    [{ https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, HTTPS, 'https_proxy'],
    [{ https_proxy: '', HTTPS_PROXY: 'http://q:1' }, HTTPS, 'HTTPS_PROXY'],
    [{ https_proxy: '  ' }, HTTPS, undefined],
    [{ all_proxy: 'http://p:1' }, HTTP, 'all_proxy'],
    [{ ALL_PROXY: 'http://p:1' }, HTTPS, 'ALL_PROXY'],
    [{ all_proxy: 'http://p:1', https_proxy: 'http://q:1' }, HTTPS, 'https_proxy'],
    [{ http_proxy: 'http://p:1', no_proxy: 'llm.example' }, HTTP, undefined],
    [{ http_proxy: 'http://p:1', NO_PROXY: 'llm.example' }, HTTP, undefined],
    [{ http_proxy: 'http://p:1', no_proxy: 'other.example', NO_PROXY: 'llm.example' }, HTTP, 'http_proxy'],
    [{ http_proxy: 'http://p:1', no_proxy: '', NO_PROXY: '*' }, HTTP, undefined],
    [{ http_proxy: 'http://p:1', no_proxy: '' }, HTTP, 'http_proxy'],
  ];
  for (const [env, url, variable] of table) {
    it(`${JSON.stringify(env)} for ${url}: ${variable ?? 'none'}`, () => {
      const found = proxyFromEnvironment(new URL(url), env);
      assert.equal(found?.variable, variable);
      if (variable !== undefined) assert.equal(found!.value, env[variable]);
    });
  }
});

describe('no_proxy', () => {
  const table: readonly [list: string, url: string, exempt: boolean][] = [
    ['*', HTTP, true],
    ['', HTTP, false],
    ['llm.example', HTTP, true],
    ['LLM.Example.', 'http://llm.EXAMPLE./', true],
    ['example', HTTP, true],
    ['.example', HTTP, true],
    ['*.example', HTTP, true],
    ['.llm.example', HTTP, true],
    // A part of a label is no suffix.
    ['lm.example', HTTP, false],
    ['ample', HTTP, false],
    ['other.example, llm.example', HTTP, true],
    ['other.example llm.example', HTTP, true],
    [' , ,llm.example,', HTTP, true],
    ['a.llm.example', HTTP, false],
    ['*.', HTTP, false],
    ['.', HTTP, false],
    ['llm.example:80', HTTP, true],
    ['llm.example:443', HTTP, false],
    ['llm.example:443', HTTPS, true],
    ['llm.example:8080', 'http://llm.example:8080/', true],
    ['example:8080', 'http://llm.example:8080/', true],
    ['10.1.2.3', 'http://10.1.2.3/', true],
    ['10.1.2.3:80', 'http://10.1.2.3/', true],
    ['10.1.2.3:81', 'http://10.1.2.3/', false],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/8', HTTP, false],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['10.0.0.0/x', 'http://10.1.2.3/', false],
    ['0.0.0.0/0', 'http://10.1.2.3/', true],
    // An address has no domain below it.
    ['2.3', 'http://10.1.2.3/', false],
    ['.2.3', 'http://10.1.2.3/', false],
    ['fd00::/8', 'http://[fd00::1]/', true],
    ['fd00::1', 'http://[fd00:0:0::1]/', true],
    ['[fd00::1]', 'http://[fd00::1]/', true],
    ['[fd00::1]:80', 'http://[fd00::1]/', true],
    ['[fd00::1]:81', 'http://[fd00::1]/', false],
    ['fe80::/10', 'http://[fd00::1]/', false],
    ['fd00::/8', 'http://10.1.2.3/', false],
    ['llm.example/8', HTTP, false],
  ];
  for (const [list, url, exempt] of table) {
    it(`"${list}" ${exempt ? 'exempts' : 'does not exempt'} ${url}`, () =>
      assert.equal(isExempt(new URL(url), list), exempt));
  }
});
