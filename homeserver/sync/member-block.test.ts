import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StateKeyNid } from '../../storage/numeric-ids.ts'
import { MemberBlock } from './member-block.ts'

const users = fc.uniqueArray(fc.nat(50), { maxLength: 20 })

test('gives the texts of all but those who are left out, whatever their bytes', () => {
  fc.assert(
    fc.property(users, users, fc.string({ unit: 'binary' }), (members, leftOut, name) => {
      const textOf = (member: number): string => JSON.stringify({ member, name })
      const block = new MemberBlock(new Map(members.map((member) => [member as StateKeyNid, textOf(member)])))
      const pieces = block.without(leftOut as StateKeyNid[])
      const expected = members
        .filter((member) => !leftOut.includes(member))
        .map((member) => `,${textOf(member)}`)
      expect(Buffer.concat(pieces).toString()).toBe(expected.join(''))
      expect(pieces.every(({ length }) => length > 0)).toBe(true)
    }),
  )
})
