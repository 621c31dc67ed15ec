import assert from 'node:assert/strict';
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { newId } from '../../base/ids.ts';
import { createMasterKey, masterKeyRing, noMasterKeys } from './master-key.ts';
import { createLinkSealing, openLinkSealing } from './sealing-keys.ts';
import { LinkSealing, openSealed, seal } from './sealing.ts';
import type { Seal } from './sealing.ts';

const dataKey = createSecretKey(randomBytes(32));
const identity = { linkId: newId(), pointId: newId() };
const sealing = new LinkSealing(identity, new Map([[1, dataKey]]));
const first = required(sealing.segment(0));

function required(how: Seal | undefined): Seal {
  assert.ok(how !== undefined);
  return how;
}

async function sealed(plain: Buffer, how: Seal): Promise<Buffer> {
  const copy = Buffer.from(plain);
  return Buffer.concat([copy, await seal([copy], how)]);
}

describe('the seal of an object', () => {
  test('opens to what was sealed, however it was cut, with the hash of what is stored', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.array(fc.nat(300_000), { maxLength: 4 }),
        async (random, cuts) => {
          const plain = Buffer.concat([Buffer.from(random), Buffer.alloc(150_000, 'text ')]);
          const bounds = [0, ...cuts.map((cut) => cut % plain.length).sort((a, b) => a - b), plain.length];
          const pieces = bounds
            .slice(1)
            .map((end, index) => Buffer.from(plain.subarray(bounds[index] ?? 0, end)));
          const hash = createHash('sha256');
          const tag = await seal(pieces, first, hash);
          const stored = Buffer.concat([...pieces, tag]);
          assert.equal(stored.length, plain.length + 16);
          assert.ok(hash.digest().equals(createHash('sha256').update(stored).digest()));
          assert.equal(stored.includes('text text '), false);
          assert.ok((await openSealed(stored, first)).equals(plain));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('does not open when any bit was changed or the end is missing', async () => {
    const plain = randomBytes(200);
    const stored = await sealed(plain, first);
    for (let bit = 0; bit < stored.length * 8; bit += 13) {
      const changed = Buffer.from(stored);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      await assert.rejects(openSealed(changed, first));
    }
    for (const length of [0, 15, 16, stored.length - 1])
      await assert.rejects(openSealed(Buffer.from(stored.subarray(0, length)), first));
  });

  test('opens only under its own number, purpose, link, point and key', async () => {
    const stored = await sealed(Buffer.from('content'), first);
    const keys = new Map([[1, dataKey]]);
    const others: (Seal | undefined)[] = [
      sealing.segment(1),
      sealing.indexFrame(0),
      new LinkSealing({ ...identity, linkId: newId() }, keys).segment(0),
      new LinkSealing({ ...identity, pointId: newId() }, keys).segment(0),
      new LinkSealing(identity, new Map([[1, createSecretKey(randomBytes(32))]])).segment(0),
    ];
    for (const other of others) await assert.rejects(openSealed(Buffer.from(stored), required(other)));
    assert.equal((await openSealed(Buffer.from(stored), first)).toString(), 'content');
  });

  test('never has the nonce of another object of its link', () => {
    const nonces = new Set<string>();
    for (const number of [0, 1, 2, 255, 256, 65536, 2 ** 32, 2 ** 40]) {
      nonces.add(required(sealing.segment(number)).nonce.toString('hex'));
      nonces.add(sealing.indexFrame(number).nonce.toString('hex'));
    }
    assert.equal(nonces.size, 16);
  });
});

describe('the data key of a link', () => {
  const codec = (encryption: ReturnType<typeof createLinkSealing>['encryption']) =>
    ({ compression: 'zstd', encryption }) as const;

  test('is new for each write and opens with its master key, current or old', async () => {
    const master = createMasterKey(randomBytes(32));
    const one = createLinkSealing(identity, master);
    const two = createLinkSealing(identity, master);
    const stored = await sealed(Buffer.from('content'), required(one.sealing.segment(0)));
    for (const keys of [masterKeyRing(master), masterKeyRing(createMasterKey(randomBytes(32)), [master])]) {
      const again = openLinkSealing({ ...identity, codec: codec(one.encryption) }, keys);
      assert.equal(
        (await openSealed(Buffer.from(stored), required(again?.segment(0)))).toString(),
        'content',
      );
    }
    await assert.rejects(openSealed(Buffer.from(stored), required(two.sealing.segment(0))));
  });

  test('without its master key is no damage, and the message says which one is needed', () => {
    const master = createMasterKey(randomBytes(32));
    const { encryption } = createLinkSealing(identity, master);
    const manifest = { ...identity, codec: codec(encryption) };
    assert.throws(() => openLinkSealing(manifest, noMasterKeys), {
      code: 'STORE_NO_KEY',
      message: new RegExp(`master key ${master.id} \\(no key is configured\\)`),
    });
    const other = createMasterKey(randomBytes(32));
    assert.throws(() => openLinkSealing(manifest, masterKeyRing(other)), {
      code: 'STORE_NO_KEY',
      message: new RegExp(`master key ${master.id} \\(configured: ${other.id}\\)`),
    });
  });

  test('of another link, or changed, is damage', () => {
    const master = createMasterKey(randomBytes(32));
    const { encryption } = createLinkSealing(identity, master);
    const damaged = { code: 'INTEGRITY_DATA_KEY_DAMAGED' };
    const keys = masterKeyRing(master);
    const foreign = { ...identity, linkId: newId(), codec: codec(encryption) };
    assert.throws(() => openLinkSealing(foreign, keys), damaged);
    const wrapped = encryption.dataKeys[0]!.wrapped[0]!;
    const nonce = Buffer.from(wrapped.nonce, 'base64');
    nonce[3]! ^= 1;
    const changed = codec({
      cipher: 'aes-256-gcm',
      dataKeys: [{ number: 1, wrapped: [{ ...wrapped, nonce: nonce.toString('base64') }] }],
    });
    assert.throws(() => openLinkSealing({ ...identity, codec: changed }, keys), damaged);
  });

  test('may be wrapped by several master keys, any of which opens it', () => {
    const [one, two] = [createMasterKey(randomBytes(32)), createMasterKey(randomBytes(32))];
    const { encryption } = createLinkSealing(identity, two);
    const foreign = { ...encryption.dataKeys[0]!.wrapped[0]!, masterKeyId: one.id };
    const both = codec({
      cipher: 'aes-256-gcm',
      dataKeys: [{ number: 1, wrapped: [foreign, ...encryption.dataKeys[0]!.wrapped] }],
    });
    assert.ok(openLinkSealing({ ...identity, codec: both }, masterKeyRing(two)) !== undefined);
  });
});
