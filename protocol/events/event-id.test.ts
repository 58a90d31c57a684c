import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../crypto/base64.ts'
import { contentHash, contentHashMatches, withContentHash } from './content-hash.ts'
import { eventIdOf } from './event-id.ts'
import { objectOf, versionOf } from './test-events.ts'

const EVENT = objectOf(
  JSON.stringify({
    type: 'm.room.member',
    state_key: '@a:domain',
    room_id: '!r:domain',
    sender: '@a:domain',
    origin: 'domain',
    origin_server_ts: 1000000,
    depth: 3,
    prev_events: ['$p'],
    auth_events: ['$a', '$b'],
    content: { membership: 'join', displayname: 'Ünï 😀', join_authorised_via_users_server: '@b:domain' },
    hashes: { sha256: '5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos' },
  }),
)

// Expected values: Python's json.dumps and hashlib, over the keys that the redaction of each version keeps.
describe('eventIdOf', () => {
  it.each([
    ['3', '$YKDai8f9Me74HePuNTxQG+wk2NncO1e6BWnqml6ECDQ'],
    ['8', '$YKDai8f9Me74HePuNTxQG-wk2NncO1e6BWnqml6ECDQ'],
    ['9', '$DOIg1KQCqgb5QqYrkuK5G24E7hzgTwAIX6Gstado9ZM'],
    ['11', '$LFWT3qobFVv7Ka49bLlRoV9skGtIcpAVYsK5Jrlh0P4'],
    ['12', '$LFWT3qobFVv7Ka49bLlRoV9skGtIcpAVYsK5Jrlh0P4'],
  ])('is the reference hash in version %s', (id, eventId) => {
    expect(eventIdOf({ ...EVENT, unsigned: { age: 1 }, signatures: { domain: {} } }, versionOf(id))).toBe(
      eventId,
    )
  })

  it('is what the PDU says in versions 1 and 2', () => {
    expect(eventIdOf({ ...EVENT, event_id: '$a:b' }, versionOf('2'))).toBe('$a:b')
    expect(() => eventIdOf(EVENT, versionOf('2'))).toThrow()
  })
})

describe('contentHash', () => {
  it('covers all but hashes, signatures and unsigned', () => {
    const hash = encodeBase64(contentHash({ ...EVENT, unsigned: { age: 1 } }, versionOf('12')))
    expect(hash).toBe('x2XPHED2Iho+n4+ume5IXZjEyFGvJgqa6AnG8bTu0j8')
  })

  it('is recognised in any base64, and only whole', () => {
    const version = versionOf('12')
    const hash = 'x2XPHED2Iho+n4+ume5IXZjEyFGvJgqa6AnG8bTu0j8'
    expect(withContentHash(EVENT, version)['hashes']).toEqual({ sha256: hash })
    const matches = (sha256: string): boolean => contentHashMatches({ ...EVENT, hashes: { sha256 } }, version)
    expect([hash, `${hash}=`, hash.replaceAll('+', '-')].map(matches)).toEqual([true, true, true])
    expect(['', hash.slice(0, 40), `${hash}AAAA`, '!'].map(matches)).toEqual([false, false, false, false])
    expect(contentHashMatches({ ...EVENT, hashes: {} }, version)).toBe(false)
  })
})
