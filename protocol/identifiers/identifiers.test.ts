import { describe, expect, it } from 'vitest'
import { isDeviceId } from './device-id.ts'
import { isEventId, isEventIdWithDomain } from './event-id.ts'
import { isServerKeyId, parseKeyId } from './key-id.ts'
import { parseMxcUri } from './mxc-uri.ts'
import { isRoomAlias } from './room-alias.ts'
import { isHashRoomId, isRoomId, isRoomIdWithDomain } from './room-id.ts'
import { isServerName, parseServerName } from './server-name.ts'
import { isCompliantUserId, isNewLocalpart, isUserId, localpartOf, serverOf } from './user-id.ts'

const HASH = 'Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg'

describe('server names', () => {
  it.each([
    ['matrix.org', { kind: 'dns', host: 'matrix.org', port: undefined }],
    ['matrix.org:8888', { kind: 'dns', host: 'matrix.org', port: 8888 }],
    ['1.2.3.4', { kind: 'ipv4', host: '1.2.3.4', port: undefined }],
    ['1.2.3.4:1234', { kind: 'ipv4', host: '1.2.3.4', port: 1234 }],
    ['[1234:5678::abcd]', { kind: 'ipv6', host: '1234:5678::abcd', port: undefined }],
    ['[1234:5678::abcd]:5678', { kind: 'ipv6', host: '1234:5678::abcd', port: 5678 }],
    ['hs1', { kind: 'dns', host: 'hs1', port: undefined }],
    ['[::ffff:1.2.3.4]', { kind: 'ipv6', host: '::ffff:1.2.3.4', port: undefined }],
  ])('takes %s apart', (text, parts) => {
    expect(parseServerName(text)).toEqual(parts)
    expect(isServerName(text)).toBe(true)
  })

  it.each([
    '',
    ':80',
    'a:',
    'a:123456',
    'a:99999',
    'a:-1',
    'a b',
    'a_b',
    'a/b',
    'a@b',
    '1.2.3.256',
    '[::1',
    '::1',
    '[::g]',
    '[1:2]',
    '[fe80::1%eth0]',
    'exämple.org',
    'a\n',
    'a\0',
    `${'a'.repeat(256)}`,
    'https://a',
    '.',
    '..',
    'a..b',
    '.a',
  ])('refuses %j', (text) => {
    expect(isServerName(text)).toBe(false)
  })
})

describe('user ids', () => {
  it.each(['@a:b', '@:b', '@Ünï 💥:b', '@a:b:80', '@a:[::1]', '@a/b=c:b', '@\u0001:b'])(
    'accepts %j from others',
    (text) => {
      expect(isUserId(text)).toBe(true)
    },
  )

  it.each([
    '',
    '@',
    '@a',
    'a:b',
    '@a:',
    '@a\0:b',
    '@\ud800:b',
    '@a:b c',
    '@a:b:c:d',
    `@${'a'.repeat(253)}:b`,
    `@${'é'.repeat(127)}:b`,
  ])('refuses %j', (text) => {
    expect(isUserId(text)).toBe(false)
  })

  it('counts bytes', () => {
    expect(isUserId(`@${'a'.repeat(252)}:b`)).toBe(true)
    expect(isUserId(`@${'é'.repeat(126)}:b`)).toBe(true)
  })

  it('tells what may be made or passed on', () => {
    expect(['bob', 'a.b_c=d-e/f+1'].every((localpart) => isNewLocalpart(localpart, 'b'))).toBe(true)
    expect(
      ['', 'Bob', 'é', 'a b', 'a:b', 'x'.repeat(253)].some((localpart) => isNewLocalpart(localpart, 'b')),
    ).toBe(false)
    expect(['@Bob:b', '@a!:b'].every(isCompliantUserId)).toBe(true)
    expect(['@:b', '@é:b', '@a b:b'].some(isCompliantUserId)).toBe(false)
  })

  it('finds server and localpart', () => {
    expect(serverOf('@a:b:80')).toBe('b:80')
    expect(serverOf('$hash')).toBe('')
    expect(localpartOf('@a:b:80')).toBe('a')
  })
})

describe('room ids, aliases and event ids', () => {
  it('knows both kinds of room id', () => {
    expect([`!${HASH}`, '!a:b', '!:b', '!💥:b:80'].every(isRoomId)).toBe(true)
    expect(
      ['', '!', '!a', `!${HASH}x`, `!${HASH.slice(1)}`, `!${HASH.slice(1)}+`, '!a\0:b', '#a:b'].some(
        isRoomId,
      ),
    ).toBe(false)
    expect([isHashRoomId('!a:b'), isRoomIdWithDomain(`!${HASH}`)]).toEqual([false, false])
  })

  it('knows aliases', () => {
    expect(['#a:b', '#ä ö:b', '#:b'].every(isRoomAlias)).toBe(true)
    expect(['#a', '#a\0:b', '#\udc00:b', '!a:b', `#${'a'.repeat(253)}:b`].some(isRoomAlias)).toBe(false)
  })

  it('knows event ids', () => {
    expect([`$${HASH}`, '$a:b', '$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk'].every(isEventId)).toBe(true)
    expect(['', '$', 'a', '$\0', '$\ud800', `$${'a'.repeat(255)}`].some(isEventId)).toBe(false)
    expect([isEventIdWithDomain('$a:b'), isEventIdWithDomain(`$${HASH}`)]).toEqual([true, false])
  })
})

describe('other identifiers', () => {
  it('takes content URIs apart and lets no path through', () => {
    expect(parseMxcUri('mxc://b:80/aZ_-9')).toEqual({ serverName: 'b:80', mediaId: 'aZ_-9' })
    for (const text of [
      '',
      'mxc://',
      'mxc://b',
      'mxc://b/',
      'mxc://b/a/c',
      'mxc://b/..',
      'mxc://../a',
      'mxc://b/a%2f',
      'mxc://b/a?x',
      'http://b/a',
      'mxc://b/a\0',
    ])
      expect(parseMxcUri(text)).toBeUndefined()
  })

  it('knows key ids', () => {
    expect(parseKeyId('ed25519:a_1')).toEqual({ algorithm: 'ed25519', identifier: 'a_1' })
    expect(['', ':', 'a:', ':a', 'a', `a:${'b'.repeat(300)}`].map(parseKeyId)).toEqual(
      Array(6).fill(undefined),
    )
    expect([isServerKeyId('ed25519:a_1'), isServerKeyId('ed25519:a b'), isServerKeyId('rsa:1')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('knows device ids', () => {
    expect(['A', 'ABCDEFGHIJ', 'ünï/code'].every(isDeviceId)).toBe(true)
    expect(['', 'a\0', '\ud800', 'a'.repeat(256)].some(isDeviceId)).toBe(false)
  })
})
