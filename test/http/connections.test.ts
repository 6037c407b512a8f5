import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Connections } from '../../src/http/connections.ts';
import { connectionBound } from '../../src/machine/descriptors.ts';

/** Connections are named after their client. */
function pool() {
  const busy = new Set<string>();
  const connections = new Connections<string>((name) => busy.has(name));
  const open = (name: string, most = 8) => connections.admit(name, name[0]!, most);
  return { busy, connections, open };
}

describe('connections of the API', () => {
  it('a client that has its share loses the one in which nothing happened for the longest', () => {
    const { connections, open } = pool();
    assert.deepEqual([open('a1'), open('a2')], [[], []]);
    connections.touch('a1', 'a');
    assert.deepEqual(open('a3'), ['a2']);
    assert.deepEqual(open('a4'), ['a1']);
    assert.equal(connections.size, 2);
  });

  it('where all are taken, the client with the most loses one', () => {
    const { connections, open } = pool();
    for (const name of ['b1', 'a1', 'c1', 'a2', 'd1', 'e1', 'f1', 'g1']) open(name);
    assert.deepEqual(open('h1'), ['a1']);
    assert.equal(connections.size, 8);
    assert.deepEqual(open('h2'), ['b1']);
  });

  it('a busy one is not closed, and where all are busy there is no room', () => {
    const { busy, open } = pool();
    open('a1');
    open('a2');
    busy.add('a1');
    assert.deepEqual(open('a3'), ['a2']);
    busy.add('a3');
    assert.equal(open('a4'), undefined);
    assert.deepEqual(open('b1'), []);
  });

  it('all above a bound that has fallen are closed with the next one', () => {
    const { connections, open } = pool();
    for (const client of 'abcdefgh') open(`${client}1`);
    assert.deepEqual(open('i1', 4), ['a1', 'b1', 'c1', 'd1', 'e1']);
    assert.equal(connections.size, 4);
  });

  it('one that ended leaves its place, once', () => {
    const { connections, open } = pool();
    open('a1');
    connections.remove('a1', 'a');
    connections.remove('a1', 'a');
    assert.equal(connections.size, 0);
  });

  it('there are as many as the descriptors allow, and fewer while streams hold the others', () => {
    let isPlenty = true;
    const bound = (limit: number | undefined) => connectionBound(1000, limit, () => isPlenty)();
    assert.deepEqual([undefined, Number.POSITIVE_INFINITY, 1_048_576].map(bound), [1000, 1000, 1000]);
    assert.deepEqual([4096, 1024, 128, 20, 2].map(bound), [512, 128, 16, 2, 1]);
    isPlenty = false;
    assert.deepEqual([1_048_576, 1024, 128, 20, 2].map(bound), [32, 32, 16, 2, 1]);
  });
});
