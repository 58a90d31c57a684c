import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json/value.ts'
import { compileServerAcl, serverAllowedByAcl } from './server-acl.ts'

describe('serverAllowedByAcl', () => {
  it('lets everybody in without an ACL and nobody in with an empty one', () => {
    expect(serverAllowedByAcl('a.example', undefined)).toBe(true)
    expect(serverAllowedByAcl('a.example', {})).toBe(false)
  })

  it('puts deny before allow', () => {
    const acl = { allow: ['*'], deny: ['*.evil.example', 'evil.example'] }
    expect(serverAllowedByAcl('good.example', acl)).toBe(true)
    expect(serverAllowedByAcl('evil.example', acl)).toBe(false)
    expect(serverAllowedByAcl('very.evil.example', acl)).toBe(false)
    expect(serverAllowedByAcl('notevil.example', acl)).toBe(true)
  })

  it('ignores the port and the case on both sides', () => {
    const acl = { allow: ['*'], deny: ['EVIL.example', '[2001:DB8::1]'] }
    for (const name of [
      'evil.example:8448',
      'Evil.Example',
      'evil.EXAMPLE:1',
      '[2001:db8::1]:8448',
      '[2001:db8::1]',
    ]) {
      expect(serverAllowedByAcl(name, acl), name).toBe(false)
    }
  })

  it('refuses IP literals only when the flag is false', () => {
    for (const name of ['1.2.3.4', '1.2.3.4:8448', '[::1]', '[::1]:8448', '999.1.1.1']) {
      expect(serverAllowedByAcl(name, { allow: ['*'], allow_ip_literals: false }), name).toBe(false)
      expect(serverAllowedByAcl(name, { allow: ['*'], allow_ip_literals: 'false' }), name).toBe(true)
      expect(serverAllowedByAcl(name, { allow: ['*'] }), name).toBe(true)
    }
    expect(serverAllowedByAcl('1.2.3.4.example', { allow: ['*'], allow_ip_literals: false })).toBe(true)
  })

  it.each<JsonObject>([{ allow: '*' }, { allow: null, deny: {} }, { allow: [['*'], 1, null, {}] }])(
    'counts what is malformed as absent: %j',
    (acl) => {
      expect(serverAllowedByAcl('a.example', acl)).toBe(false)
    },
  )

  it('refuses names that cannot exist', () => {
    expect(serverAllowedByAcl('', { allow: ['*'] })).toBe(false)
    expect(serverAllowedByAcl(`${'a'.repeat(256)}`, { allow: ['*'] })).toBe(false)
  })

  it('answers as many hostile globs as an event can hold', () => {
    const deny = Array.from({ length: 10_000 }, (_, index) => `*a*a${index}`)
    const allowed = compileServerAcl({ allow: ['*'], deny: [...deny, `${'*a'.repeat(5_000)}b`] })
    expect(allowed('a'.repeat(255))).toBe(true)
    expect(allowed(`${'a'.repeat(250)}7`)).toBe(false)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (name, allow, deny, flag) => {
        const acl = JSON.parse(JSON.stringify({ allow, deny, allow_ip_literals: flag }))
        expect(typeof serverAllowedByAcl(name, acl)).toBe('boolean')
      }),
    )
  })
})
