import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'
import { ROOM_VERSIONS } from '../room-versions/room-versions.ts'
import { withContentHash } from './content-hash.ts'
import { parsePdu } from './parse-pdu.ts'
import { PduError, PduSignatureError } from './pdu-error.ts'
import type { SignedPdu } from './room-event.ts'
import { signPdu } from './sign.ts'
import { eventOf, KEYS, OTHER_KEY, signerOf, SPEC_KEY, SPEC_SIGNER, versionOf } from './test-events.ts'
import { requiredSigners, toSignedPdu, toSignedPduAside } from './verify.ts'

const VERSIONS = [...ROOM_VERSIONS.values()].map((version) => [version.id, version] as const)
const OTHER_SIGNER = signerOf('other', OTHER_KEY)

function receive(pdu: JsonObject, versionId: string): SignedPdu {
  return toSignedPdu(parsePdu(pdu, versionOf(versionId)), KEYS)
}

function failure(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    return error instanceof PduSignatureError ? `${error.server} ${error.reason}` : 'other'
  }
}

/** What is left when an event is given another content, hashed or not, and signed by some. */
function forged(
  versionId: string,
  fields: Parameters<typeof eventOf>[1],
  signers = [SPEC_SIGNER],
): JsonObject {
  const version = versionOf(versionId)
  const unsigned = withContentHash({ ...eventOf(version, fields).pdu, signatures: {} }, version)
  return signers.reduce((pdu, signer) => signPdu(pdu, version, signer), unsigned)
}

describe.each(VERSIONS)('events of room version %s', (id, version) => {
  it('are checked by other threads as they are here', async () => {
    const { pdu } = eventOf(version, {})
    const parsed = (from: JsonObject) => parsePdu(from, version)
    expect(await toSignedPduAside(parsed(pdu), KEYS)).toEqual(receive(pdu, id))
    const wrong = {
      ...pdu,
      signatures: { [SPEC_SIGNER.serverName]: { [SPEC_SIGNER.keyId]: 'A'.repeat(86) } },
    }
    await expect(toSignedPduAside(parsed(wrong), KEYS)).rejects.toMatchObject({ reason: 'invalid' })
    await expect(toSignedPduAside(parsed(pdu), () => undefined)).rejects.toMatchObject({
      reason: 'unknown-key',
    })
    await expect(toSignedPduAside(parsed({ ...pdu, signatures: {} }), KEYS)).rejects.toMatchObject({
      reason: 'missing',
    })
  })

  it('survive the way over the wire', () => {
    const content = fc.dictionary(
      fc.string({ unit: 'grapheme' }),
      fc.oneof(fc.string(), fc.maxSafeInteger(), fc.constant(null)),
    )
    fc.assert(
      fc.property(content, fc.option(fc.string({ maxLength: 20 }), { nil: undefined }), (body, stateKey) => {
        const built = eventOf(version, { content: body, stateKey })
        const wire = JSON.parse(JSON.stringify(built.pdu)) as JsonObject
        const received = receive({ ...wire, unsigned: { age: 1, redacted_because: {} } }, id)
        expect(received).toEqual(built)
      }),
      { numRuns: 10 },
    )
  })

  it('become redacted when their content is not what was hashed', () => {
    const built = eventOf(version)
    const received = receive({ ...built.pdu, content: { body: 'forged' }, 'org.extra': 1 }, id)
    expect([received.eventId, received.content, received.pdu['org.extra']]).toEqual([
      built.eventId,
      {},
      undefined,
    ])
    for (const sha256 of ['', '!', 'AAAA']) {
      const { pdu } = built
      const resigned = signPdu({ ...pdu, hashes: { sha256 } }, version, SPEC_SIGNER)
      expect(receive(resigned, id).content).toEqual({})
    }
  })

  it('fail when anything that the signature covers is changed', () => {
    const { pdu } = eventOf(version, { stateKey: '' })
    const changed: JsonObject = {
      sender: '@mallory:domain',
      type: 'm.room.topic',
      state_key: 'x',
      depth: 4,
      origin_server_ts: 1,
      prev_events: [],
      auth_events: [],
      hashes: { sha256: 'AAAA' },
    }
    for (const [key, value] of Object.entries(changed)) {
      expect(failure(() => receive({ ...pdu, [key]: value }, id))).toBe('domain invalid')
    }
  })

  it('need a signature of the sender’s server with a known key', () => {
    const { pdu } = eventOf(version)
    const withSignatures = (signatures: JsonValue): JsonObject => ({ ...pdu, signatures })
    const good = isJsonObject(pdu['signatures']) ? pdu['signatures']['domain'] : undefined
    if (!isJsonObject(good)) throw new Error('unsigned')
    expect(failure(() => receive(withSignatures({}), id))).toBe('domain missing')
    expect(failure(() => receive(withSignatures({ other: good }), id))).toBe('domain missing')
    expect(failure(() => receive(withSignatures({ domain: { 'rsa:1': 'x' } }), id))).toBe('domain missing')
    expect(failure(() => receive(withSignatures({ domain: { 'ed25519:2': 'x' } }), id))).toBe(
      'domain unknown-key',
    )
    expect(failure(() => receive(withSignatures({ domain: { 'ed25519:1': 'x' } }), id))).toBe(
      'domain invalid',
    )
    expect(
      failure(() => receive(withSignatures({ domain: { ...good, 'ed25519:2': 'x', 'rsa:1': 'y' } }), id)),
    ).toBe('none')
    expect(failure(() => receive(withSignatures({ domain: good, other: { 'ed25519:1': 'x' } }), id))).toBe(
      'none',
    )
  })
})

describe('requiredSigners', () => {
  const member = { type: 'm.room.member', stateKey: '@bob:other', sender: '@alice:domain' }
  const invite = { ...member, content: { membership: 'invite', third_party_invite: { signed: {} } } }
  const restricted = {
    ...member,
    content: { membership: 'join', join_authorised_via_users_server: '@c:other' },
  }

  it('are the sender’s server, and in versions 1 and 2 that of the event id', () => {
    const foreignId = (id: string): JsonObject => forged(id, { sender: '@bob:other' }, [OTHER_SIGNER])
    expect(requiredSigners(parsePdu(foreignId('2'), versionOf('2')))).toEqual(['other', 'domain'])
    expect(requiredSigners(parsePdu(foreignId('3'), versionOf('3')))).toEqual(['other'])
    expect(failure(() => receive(foreignId('2'), '2'))).toBe('domain missing')
    expect(failure(() => receive(foreignId('3'), '3'))).toBe('none')
  })

  it('are nobody for a third-party invite, unless its content is not proven', () => {
    const pdu = forged('10', invite, [OTHER_SIGNER])
    expect(failure(() => receive(pdu, '10'))).toBe('none')
    expect(failure(() => receive({ ...pdu, hashes: { sha256: 'AAAA' } }, '10'))).toBe('domain missing')
  })

  it('are also the server of who authorised a restricted join, since version 8', () => {
    const joins = ['7', '8', '12'].map((id) => failure(() => receive(forged(id, restricted), id)))
    expect(joins).toEqual(['none', 'other missing', 'other missing'])
    expect(failure(() => receive(forged('12', restricted, [SPEC_SIGNER, OTHER_SIGNER]), '12'))).toBe('none')
    const badUser = { ...member, content: { membership: 'join', join_authorised_via_users_server: 1 } }
    expect(() => receive(forged('12', badUser), '12')).toThrow(PduError)
  })

  it('do not accept another server’s key', () => {
    const pdu = forged('12', { sender: '@bob:other' }, [signerOf('other', SPEC_KEY)])
    expect(failure(() => receive(pdu, '12'))).toBe('other invalid')
  })
})
