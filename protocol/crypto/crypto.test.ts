import { createHash } from 'node:crypto'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64, encodeBase64Url } from './base64.ts'
import { createSeed, createSigningKey, publicKeyFromBase64, signText, verifyText } from './ed25519.ts'
import { sha256 } from './sha256.ts'
import { formatSigningKeyFile, parseSigningKeyFile } from './signing-key-file.ts'

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('base64', () => {
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('encodes the example of the specification %j', (text, encoded) => {
    expect(encodeBase64(Buffer.from(text))).toBe(encoded)
  })

  it('decodes both alphabets, with and without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const buffer = Buffer.from(bytes)
        for (const text of [encodeBase64(bytes), encodeBase64Url(bytes), buffer.toString('base64')])
          expect(decodeBase64(text)).toEqual(buffer)
      }),
    )
    expect(['a', 'aaaaa', 'a b', 'a=b', '====', 'é'].map(decodeBase64)).toEqual(Array(6).fill(undefined))
  })
})

describe('ed25519', () => {
  it('signs and verifies as tweetnacl does', () => {
    fc.assert(
      fc.property(seeds, fc.string({ unit: 'grapheme' }), (seed, text) => {
        const key = createSigningKey(seed, '1')
        const pair = nacl.sign.keyPair.fromSeed(seed)
        const signature = signText(text, key.privateKey)
        expect(decodeBase64(signature)).toEqual(
          Buffer.from(nacl.sign.detached(Buffer.from(text), pair.secretKey)),
        )
        expect(key.publicKeyBase64).toBe(encodeBase64(pair.publicKey))
        const publicKey = publicKeyFromBase64(key.publicKeyBase64)
        if (publicKey === undefined) throw new Error('no key')
        expect(verifyText(text, signature, publicKey)).toBe(true)
        expect(verifyText(`${text}.`, signature, publicKey)).toBe(false)
        expect(
          verifyText(text, signText(text, createSigningKey(createSeed(), '1').privateKey), publicKey),
        ).toBe(false)
      }),
      { numRuns: 10 },
    )
  })

  it('refuses malformed signatures and keys', () => {
    const key = createSigningKey(createSeed(), '1')
    for (const text of ['', 'AAAA', '!', `${signText('a', key.privateKey)}AA`])
      expect(verifyText('a', text, key.publicKey)).toBe(false)
    expect(['', 'AAAA', '!', 'A'.repeat(44)].map(publicKeyFromBase64)).toEqual(Array(4).fill(undefined))
    expect(() => createSigningKey(new Uint8Array(31), '1')).toThrow()
  })
})

describe('sha256', () => {
  it('hashes bytes and UTF-8', () => {
    expect(sha256('é')).toEqual(
      createHash('sha256')
        .update(Buffer.from([0xc3, 0xa9]))
        .digest(),
    )
  })
})

describe('signing key files', () => {
  it('read what they write', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ identifier: fc.stringMatching(/^[A-Za-z0-9_]{1,9}$/), seed: seeds }), {
          minLength: 1,
        }),
        (keys) => {
          const read = parseSigningKeyFile(formatSigningKeyFile(keys))
          expect(read.map((key) => [key.identifier, encodeBase64(key.seed)])).toEqual(
            keys.map((key) => [key.identifier, encodeBase64(key.seed)]),
          )
        },
      ),
    )
  })

  it('say which line is wrong, without its secret', () => {
    const good = 'ed25519 a_1 YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1'
    expect(parseSigningKeyFile(`\n${good}\r\n`)).toHaveLength(1)
    for (const bad of ['', 'ed25519', 'rsa a_1 YJDB', `${good}A`, `${good} x`, good.replace('a_1', 'a-1')]) {
      expect(() => parseSigningKeyFile(bad)).toThrow(/signing key file/)
      expect(() => parseSigningKeyFile(bad)).not.toThrow(/YJDB/)
    }
  })
})
