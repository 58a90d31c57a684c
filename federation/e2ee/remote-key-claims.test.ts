import { expect, it } from 'vitest'
import { claimedText } from '../../e2ee/keys/claim-keys.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { LosslessNumber, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import { readClaimedKeys } from './remote-key-claims.ts'

const USER = '@u:there.test'
const WANTED = new Map([[USER, new Map([['DEVICE', 'signed_curve25519']])]])
const KEY = { key: 'k', signatures: {} }

function read(answer: JsonObject): JsonValue {
  return parseJson(claimedText(readClaimedKeys(answer, WANTED)))
}

it('takes from a claim what was asked for', () => {
  const keys = { 'signed_curve25519:A': KEY }
  const others = { 'curve25519:B': 'x', ...keys, 'signed_curve25519:C': KEY }
  const given = { [USER]: { DEVICE: others, OTHER: keys }, '@other:there.test': { DEVICE: keys } }
  expect(read({ one_time_keys: given })).toEqual({ [USER]: { DEVICE: keys } })
})

it('leaves out what is not as the specification has it', () => {
  const devices: JsonValue[] = [
    null,
    [],
    { DEVICE: 'x' },
    { DEVICE: { 'curve25519:A': KEY } },
    { DEVICE: { 'signed_curve25519:A': 7 } },
    { DEVICE: { 'signed_curve25519:A': { key: new LosslessNumber('1.5') } } },
    { DEVICE: { 'signed_curve25519:A': '\ud800' } },
    { DEVICE: { 'signed_curve25519:A': 'x'.repeat(10_000) } },
  ]
  for (const value of devices) expect(read({ one_time_keys: { [USER]: value } })).toEqual({})
  const answers: JsonObject[] = [{}, { one_time_keys: null }, { one_time_keys: [] }]
  for (const answer of answers) expect(read(answer)).toEqual({})
})
