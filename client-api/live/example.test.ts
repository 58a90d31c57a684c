import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startTestServer } from '../../spec-tests/support/test-server.ts'
import { eventually } from '../../spec-tests/support/eventually.ts'

const EXAMPLE = join(import.meta.dirname, '..', '..', 'docs', 'examples', 'live-client.mjs')

it('the client in the documentation follows an account, and ends where its token does', async () => {
  const server = await startTestServer()
  const alice = await server.register('alice')
  const roomId = await alice.createRoom()
  const example = spawn(process.execPath, [EXAMPLE, server.url, alice.token!])
  try {
    let output = ''
    example.stdout.on('data', (chunk) => (output += String(chunk)))
    example.stderr.on('data', (chunk) => (output += String(chunk)))
    for (const text of ['hello', 'again']) {
      await alice.say(roomId, text)
      await eventually(
        () => `${text} in ${output}`,
        () => output.includes(`${roomId} ${alice.userId} ${text}`),
      )
    }
    const ended = once(example, 'exit')
    await alice.call('POST', '/logout', {})
    expect((await ended)[0]).not.toBe(0)
    expect(output).toContain('4401 M_UNKNOWN_TOKEN')
  } finally {
    example.kill()
    await server.close()
  }
})
