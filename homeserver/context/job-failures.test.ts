import { pino } from 'pino'
import { expect, it } from 'vitest'
import { FederationRequestError } from '../../federation/client/transport/federation-request-error.ts'
import { UnusableAnswerError } from '../../federation/remote-rooms/try-servers.ts'
import { jobFailures } from './job-failures.ts'

it.each([
  [new FederationRequestError('there.test', 'unreachable', 'nobody answers'), 'info'],
  [new FederationRequestError('there.test', 'bad-answer', 'the answer is a page'), 'info'],
  [new UnusableAnswerError('no event'), 'info'],
  [new Error('no database'), 'error'],
])('%s is logged as %s', (error, level) => {
  const lines: string[] = []
  const log = pino(
    { formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => lines.push(line) },
  )
  jobFailures(log)(error, 'some.job')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toMatchObject({ level, kind: 'some.job' })
  expect(lines[0]!.includes('"stack"')).toBe(level === 'error')
})
