import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../crypto/base64.ts'
import { withContentHash } from './content-hash.ts'
import { signJson, signPdu } from './sign.ts'
import { objectOf, SPEC_KEY, SPEC_SIGNER, versionOf } from './test-events.ts'
import { signingKeyIds, verifySignedJson } from './verify.ts'

describe('signJson', () => {
  it.each([
    ['{}', 'K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ'],
    [
      '{"one":1,"two":"Two"}',
      'KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw',
    ],
  ])('signs the example of the specification %s', (text, signature) => {
    const signed = signJson(objectOf(text), SPEC_SIGNER)
    expect(signed).toEqual({ ...objectOf(text), signatures: { domain: { 'ed25519:1': signature } } })
    expect(verifySignedJson(signed, 'domain', 'ed25519:1', SPEC_KEY.publicKey)).toBe(true)
  })

  it('keeps other signatures and does not cover unsigned', () => {
    const other = { 'ed25519:x': 'abc' }
    const signed = signJson({ a: 1, unsigned: { b: 1 }, signatures: { other, domain: other } }, SPEC_SIGNER)
    expect(signed['signatures']).toMatchObject({
      other,
      domain: { ...other, 'ed25519:1': expect.any(String) as string },
    })
    expect(verifySignedJson({ ...signed, unsigned: 2 }, 'domain', 'ed25519:1', SPEC_KEY.publicKey)).toBe(true)
    expect(verifySignedJson({ ...signed, a: 2 }, 'domain', 'ed25519:1', SPEC_KEY.publicKey)).toBe(false)
    expect(signingKeyIds({ signatures: { domain: { 'ed25519:1': 'a', 'rsa:1': 'b' } } }, 'domain')).toEqual([
      'ed25519:1',
    ])
  })

  it('verifies nothing that is malformed', () => {
    for (const text of [
      '{}',
      '{"signatures":1}',
      '{"signatures":{"domain":[]}}',
      '{"signatures":{"domain":{"ed25519:1":1}}}',
      '{"signatures":{"domain":{"ed25519:1":"!"}}}',
    ])
      expect(verifySignedJson(objectOf(text), 'domain', 'ed25519:1', SPEC_KEY.publicKey)).toBe(false)
    expect(
      verifySignedJson(objectOf('{"signatures":{}}'), '__proto__', 'constructor', SPEC_KEY.publicKey),
    ).toBe(false)
  })

  it('covers floats of old rooms when asked to', () => {
    const request = objectOf('{"content":{"pdus":[{"a":1.50}]}}')
    expect(() => signJson(request, SPEC_SIGNER)).toThrow()
    const signed = signJson(request, SPEC_SIGNER, { strict: false })
    expect(verifySignedJson(signed, 'domain', 'ed25519:1', SPEC_KEY.publicKey)).toBe(true)
  })

  it('makes signatures that tweetnacl verifies', () => {
    const sorted = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.maxSafeInteger(), { maxKeys: 1 })
    fc.assert(
      fc.property(sorted, (object) => {
        const { signatures } = signJson(object, SPEC_SIGNER) as {
          signatures: { domain: Record<string, string> }
        }
        const signature = decodeBase64(signatures.domain['ed25519:1'] ?? '') ?? new Uint8Array()
        const publicKey = decodeBase64(SPEC_KEY.publicKeyBase64) ?? new Uint8Array()
        expect(nacl.sign.detached.verify(Buffer.from(JSON.stringify(object)), signature, publicKey)).toBe(
          true,
        )
      }),
      { numRuns: 5 },
    )
  })
})

describe('signPdu', () => {
  it.each([
    [
      {
        room_id: '!x:domain',
        sender: '@a:domain',
        origin: 'domain',
        origin_server_ts: 1000000,
        signatures: {},
        hashes: {},
        type: 'X',
        content: {},
        prev_events: [],
        auth_events: [],
        depth: 3,
        unsigned: { age_ts: 1000000 },
      },
      '5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos',
      'KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg',
    ],
    [
      {
        content: { body: 'Here is the message content' },
        event_id: '$0:domain',
        origin: 'domain',
        origin_server_ts: 1000000,
        type: 'm.room.message',
        room_id: '!r:domain',
        sender: '@u:domain',
        signatures: {},
        unsigned: { age_ts: 1000000 },
      },
      'onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g',
      'Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA',
    ],
  ])('signs the example event %# of the specification', (event, hash, signature) => {
    const version = versionOf('1')
    const signed = signPdu(withContentHash(event, version), version, SPEC_SIGNER)
    expect(signed).toEqual({
      ...event,
      hashes: { sha256: hash },
      signatures: { domain: { 'ed25519:1': signature } },
    })
  })
})
