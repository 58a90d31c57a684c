import { expect, test } from 'vitest'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { signJson } from '../../protocol/events/sign.ts'
import { LosslessNumber, type JsonObject } from '../../protocol/json/value.ts'
import { BadServerKeysError, readServerKeys } from './read-server-keys.ts'
import { isValidForEvent, isValidForRequest, MAX_VALIDITY_MS, type VerifyKey } from './verify-key.ts'

const NOW = 1_800_000_000_000
const key = createSigningKey(createSeed(), 'a')
const other = createSigningKey(createSeed(), 'b')

function statement(changes: JsonObject = {}, signWith = key): JsonObject {
  const unsigned: JsonObject = {
    server_name: 'a.test',
    valid_until_ts: NOW + 1000,
    verify_keys: { [key.keyId]: { key: key.publicKeyBase64 } },
    old_verify_keys: {},
    ...changes,
  }
  return signJson(
    unsigned,
    { serverName: 'a.test', keyId: signWith.keyId, privateKey: signWith.privateKey },
    { strict: false },
  )
}

const read = (from: JsonObject) => readServerKeys(from, 'a.test', true, NOW)

test('a sound statement, with a validity of 7 days at most', () => {
  expect(read(statement())).toMatchObject([{ keyId: 'ed25519:a', validUntilTs: NOW + 1000, expiredTs: null }])
  expect(read(statement({ valid_until_ts: 2 ** 53 - 1 }))[0]?.validUntilTs).toBe(NOW + MAX_VALIDITY_MS)
  expect(read(statement({ valid_until_ts: 5 }))[0]?.validUntilTs).toBe(5)
})

test('old keys end when they are said to, now at the latest', () => {
  const old = (expired_ts: number): JsonObject => ({
    old_verify_keys: { [other.keyId]: { key: other.publicKeyBase64, expired_ts } },
  })
  expect(read(statement(old(7)))[1]).toMatchObject({ keyId: 'ed25519:b', expiredTs: 7 })
  expect(read(statement(old(NOW + 9999)))[1]).toMatchObject({ expiredTs: NOW })
})

test.each<[string, JsonObject]>([
  ['another server', { server_name: 'b.test' }],
  ['no validity', { valid_until_ts: null }],
  ['a fractional validity', { valid_until_ts: new LosslessNumber('1e99') }],
  ['a negative validity', { valid_until_ts: -1 }],
  ['no keys', { verify_keys: {} }],
  ['keys that are no object', { verify_keys: [] }],
  ['a key that is no base64', { verify_keys: { [key.keyId]: { key: '%%%%' } } }],
  ['a key of the wrong length', { verify_keys: { [key.keyId]: { key: 'AAAA' } } }],
  ['somebody else’s key', { verify_keys: { [key.keyId]: { key: other.publicKeyBase64 } } }],
  [
    'a thousand keys',
    {
      verify_keys: Object.fromEntries(
        Array.from({ length: 1000 }, (_, index) => [`ed25519:${index}`, { key: key.publicKeyBase64 }]),
      ),
    },
  ],
])('refuses %s', (_, changes) => {
  expect(() => read(statement(changes))).toThrow(BadServerKeysError)
})

test('refuses a statement that is unsigned, changed, or signed by an old key alone', () => {
  const { signatures: _, ...unsigned } = statement()
  expect(() => read(unsigned)).toThrow(BadServerKeysError)
  expect(() => read({ ...statement(), valid_until_ts: NOW + 2000 })).toThrow(BadServerKeysError)
  const byOldKey = statement(
    { old_verify_keys: { [other.keyId]: { key: other.publicKeyBase64, expired_ts: 1 } } },
    other,
  )
  expect(() => read(byOldKey)).toThrow(BadServerKeysError)
})

test('unknown algorithms and hostile names are passed over', () => {
  const keys = read(
    statement({
      verify_keys: {
        [key.keyId]: { key: key.publicKeyBase64 },
        'kyber:1': { key: 'AAAA' },
        'ed25519:\u0000': { key: other.publicKeyBase64 },
        ['__proto__']: { key: other.publicKeyBase64 },
        'ed25519:x': null,
      },
    }),
  )
  expect(keys.map(({ keyId }) => keyId)).toEqual(['ed25519:a'])
})

test('what a key may have signed', () => {
  const current: VerifyKey = { publicKey: key.publicKey, validUntilTs: 100, expiredTs: null }
  const old: VerifyKey = { publicKey: key.publicKey, validUntilTs: 50, expiredTs: 50 }
  expect([isValidForEvent(current, 100, true), isValidForEvent(current, 101, true)]).toEqual([true, false])
  expect([isValidForEvent(old, 50, true), isValidForEvent(old, 51, true)]).toEqual([true, false])
  expect([isValidForEvent(current, 101, false), isValidForEvent(old, 51, false)]).toEqual([true, true])
  expect([isValidForRequest(current, 100), isValidForRequest(current, 101)]).toEqual([true, false])
  expect(isValidForRequest(old, 10)).toBe(false)
})
