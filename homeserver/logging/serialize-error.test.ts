import { expect, test } from 'vitest'
import { serializeError } from './serialize-error.ts'

test('an error keeps its name, message, code and frames', () => {
  const error = Object.assign(new TypeError('nothing there'), { code: 'ENOENT' })
  const told = serializeError(error)
  expect(told).toMatchObject({ type: 'TypeError', code: 'ENOENT', message: 'nothing there' })
  expect(String(told['stack'])).toContain('serialize-error.test.ts')
})

test('what a database error quotes stays out of the log', () => {
  const secret = 'the message of a person'
  const error = Object.assign(new Error(`invalid input syntax for type json: "${secret}"`), {
    code: '22P02',
    detail: `Token "${secret}" is invalid.`,
    where: secret,
    parameters: [secret],
  })
  expect(JSON.stringify(serializeError(error))).not.toContain(secret)
  expect(JSON.stringify(serializeError(new Error('outer', { cause: error })))).not.toContain(secret)
})
