import { expect, it } from 'vitest'
import { oneLine } from './unread-rooms.ts'

it.each<[string | undefined, string | undefined]>([
  ['Mission Control', 'Mission Control'],
  ['a\r\nBcc: b@mail.test', 'a Bcc: b@mail.test'],
  ['two\u2028lines\0', 'two lines'],
  [' \n\t ', undefined],
  [undefined, undefined],
  ['😀'.repeat(81), `${'😀'.repeat(80)}…`],
])('a name is one line of bounded length %#', (text, line) => {
  expect(oneLine(text)).toBe(line)
})
