import { describe, expect, test } from 'vitest'
import nacl from 'tweetnacl'
import { canonicalJson } from '../../json/canonical.ts'
import type { JsonObject, JsonValue } from '../../json/value.ts'
import type { RoomVersionId } from '../../room-versions/rules.ts'
import { judge, makeEvent, MOD, OTHER, USER, VERSIONS } from '../room.fixture.ts'

const KEYS = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(7))
const STRANGER = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(8))
const UNSIGNED = 'No key of the third-party invite has signed for this user.'

const NO_KEYS: JsonObject[] = [{}, { public_key: 'AAAA' }, { public_key: 7 }, { public_keys: 'x' }]
const NO_SIGNATURES: JsonValue[] = [
  {},
  [],
  'x',
  { s: 'x' },
  { s: { 'ed25519:0': 1 } },
  { s: { 'ed25519:0': '!' } },
]
const NOT_SIGNED: JsonValue[] = [null, 'x', [], {}, { signed: 1 }]

function base64(bytes: Uint8Array, alphabet: 'base64' | 'base64url' = 'base64'): string {
  return Buffer.from(bytes).toString(alphabet).replaceAll('=', '')
}

function signedBy(pair: nacl.SignKeyPair, fields: JsonObject = {}, keyId = 'ed25519:0'): JsonObject {
  const body = { mxid: OTHER, token: 'abc', ...fields }
  const signature = base64(nacl.sign.detached(Buffer.from(canonicalJson(body)), pair.secretKey))
  return { ...body, signatures: { 'identity.example': { [keyId]: signature } } }
}

interface Case {
  readonly thirdParty?: JsonValue
  readonly invitation?: JsonObject | null
  readonly sender?: string
  readonly membership?: string
}

function invite(id: RoomVersionId, given: Case): string {
  const { thirdParty = { display_name: 'o', signed: signedBy(KEYS) }, sender = USER } = given
  const { invitation = { public_key: base64(KEYS.publicKey) } } = given
  const type = 'm.room.third_party_invite'
  const more = invitation ? [makeEvent(id, { type, sender: USER, stateKey: 'abc', content: invitation })] : []
  const members: Record<string, string> = given.membership ? { [OTHER]: given.membership } : {}
  const content = { membership: 'invite', third_party_invite: thirdParty }
  return judge(id, { type: 'm.room.member', sender, stateKey: OTHER, content }, { more, members })
}

describe.each(VERSIONS)('a third-party invite in version %s', (id) => {
  test('with the right signature', () => {
    expect(invite(id, {})).toBe('allowed')
    expect(invite(id, { membership: 'join' })).toBe('allowed')
    expect(invite(id, { membership: 'ban' })).toBe('The invited user is banned from the room.')
  })

  test('by any of several keys, in either alphabet', () => {
    const publicKeys = [
      { public_key: base64(STRANGER.publicKey) },
      { public_key: base64(KEYS.publicKey, 'base64url') },
    ]
    expect(invite(id, { invitation: { public_keys: publicKeys } })).toBe('allowed')
    expect(
      invite(id, { invitation: { public_key: base64(STRANGER.publicKey), public_keys: publicKeys } }),
    ).toBe('allowed')
  })

  test('with a wrong key, signature, algorithm or text', () => {
    expect(invite(id, { thirdParty: { signed: signedBy(STRANGER) } })).toBe(UNSIGNED)
    expect(invite(id, { thirdParty: { signed: signedBy(KEYS, {}, 'rsa:0') } })).toBe(UNSIGNED)
    expect(invite(id, { thirdParty: { signed: { ...signedBy(KEYS), sender: USER } } })).toBe(UNSIGNED)
    for (const invitation of NO_KEYS) {
      expect(invite(id, { invitation })).toBe(UNSIGNED)
    }
    for (const signatures of NO_SIGNATURES) {
      expect(invite(id, { thirdParty: { signed: { mxid: OTHER, token: 'abc', signatures } } })).toBe(UNSIGNED)
    }
  })

  test('that is malformed, for another user, or without its invitation', () => {
    for (const thirdParty of NOT_SIGNED) {
      expect(invite(id, { thirdParty })).toBe('The third-party invite is not signed.')
    }
    expect(invite(id, { thirdParty: { signed: { mxid: OTHER } } })).toMatch('no user or no token')
    expect(invite(id, { thirdParty: { signed: { token: 'abc' } } })).toMatch('no user or no token')
    expect(invite(id, { thirdParty: { signed: signedBy(KEYS, { mxid: USER }) } })).toMatch('for another user')
    expect(invite(id, { thirdParty: { signed: signedBy(KEYS, { token: 'other' }) } })).toMatch(
      'with this token',
    )
    expect(invite(id, { invitation: null })).toMatch('with this token')
    expect(invite(id, { sender: MOD })).toBe('The third-party invite was sent by somebody else.')
  })
})

test('an invite with very many keys and signatures is bounded', () => {
  const signature = base64(new Uint8Array(64).fill(1))
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`ed25519:${n}`, signature]))
  const invitation = {
    public_keys: Array.from({ length: 600 }, () => ({ public_key: base64(STRANGER.publicKey) })),
  }
  const signed = { mxid: OTHER, token: 'abc', signatures: { s: many } }
  expect(invite('12', { thirdParty: { signed }, invitation })).toBe(UNSIGNED)
})
