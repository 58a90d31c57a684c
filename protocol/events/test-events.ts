import { createSigningKey, type SigningKey } from '../crypto/ed25519.ts'
import { decodeBase64 } from '../crypto/base64.ts'
import { type JsonObject, type JsonValue, isJsonObject } from '../json/value.ts'
import { parseJson } from '../json/parse.ts'
import { roomVersion } from '../room-versions/room-versions.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { buildPdu, type PduFields } from './build-pdu.ts'
import type { SignedPdu } from './room-event.ts'
import type { Signer } from './sign.ts'
import type { KeyLookup } from './verify.ts'

/** The seed of the specification's test vectors (appendices, "Cryptographic Test Vectors"). */
export const SPEC_KEY = createSigningKey(
  decodeBase64('YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1') ?? new Uint8Array(),
  '1',
)
export const SPEC_SIGNER = signerOf('domain', SPEC_KEY)

export const OTHER_KEY = createSigningKey(new Uint8Array(32).fill(7), '1')

/** Knows the specification's key for `domain` and another one for `other`. */
export const KEYS: KeyLookup = (server, keyId) => {
  if (keyId !== 'ed25519:1') return undefined
  return new Map([
    ['domain', SPEC_KEY.publicKey],
    ['other', OTHER_KEY.publicKey],
  ]).get(server)
}

export function signerOf(serverName: string, key: SigningKey): Signer {
  return { serverName, keyId: key.keyId, privateKey: key.privateKey }
}

export function versionOf(id: string): RoomVersionRules {
  const version = roomVersion(id)
  if (version === undefined) throw new Error(`no room version ${id}`)
  return version
}

/** A room id and an event id of the form that a version has. */
export function idsOf(version: RoomVersionRules): { readonly room: string; readonly event: string } {
  const hash = 'Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg'
  return {
    room: version.roomIdIsCreateHash ? `!${hash}` : '!room:domain',
    event: version.eventIdFormat === 'in-pdu' ? '$event:domain' : `$${hash}`,
  }
}

/** An event of `@alice:domain`, signed by `domain`. */
export function eventOf(version: RoomVersionRules, fields: Partial<PduFields> = {}): SignedPdu {
  const ids = idsOf(version)
  return buildPdu(
    {
      type: 'm.room.message',
      sender: '@alice:domain',
      roomId: ids.room,
      content: { msgtype: 'm.text', body: 'Hi' },
      originServerTs: 1_700_000_000_000,
      depth: 3,
      prevEvents: [ids.event],
      authEvents: [ids.event],
      ...fields,
    },
    version,
    SPEC_SIGNER,
  )
}

/** Parses text that is an object. */
export function objectOf(text: string): JsonObject {
  const value: JsonValue = parseJson(text)
  if (!isJsonObject(value)) throw new Error('not an object')
  return value
}
