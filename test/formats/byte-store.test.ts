import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ByteStore } from '../../src/formats/byte-store.ts';

it('a store takes no more memory than its limit while its bytes are within it', () => {
  const limit = 1_048_576;
  // Doubled from an odd size, it would take almost twice the limit.
  for (const piece of [1, 63, 1000, 60_001, 600_000]) {
    const store = new ByteStore(limit);
    while (store.length + piece <= limit) {
      store.append(new Uint8Array(piece).fill(7), 0, piece);
      assert.ok(store.bytes.length <= limit, `${store.bytes.length} bytes for ${store.length}`);
    }
    store.push(9);
    assert.equal(store.bytes[store.length - 1], 9);
    assert.equal(store.bytes[store.length - 2], 7);
  }
});
