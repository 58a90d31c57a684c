import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isPostgres } from '../../storage/embedded/postmaster-file.ts'
import { requireOrSkip } from '../support/require-or-skip.ts'
import {
  FIXTURE,
  postmasterPid,
  scratchDirectory,
  spawnServer,
  visit,
  type ServerProcess,
} from './server-process.ts'

const CTRL_C = '\x03'
/** npm may send one press twice; a second press counts from a second on. */
const SECOND_PRESS_MS = 1200

function hasScript(): boolean {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux')
  } catch {
    return false
  }
}

const skip = requireOrSkip('util-linux (its "script" makes a terminal)', hasScript())

/**
 * Runs a command in a terminal of its own; what is written to its input is typed there. The status is what the
 * terminal's shell saw: `script` may read its child's before there is one, when the terminal closes first.
 */
function inTerminal(command: string): ServerProcess {
  const told = `trap : INT; ${command}; echo "exit status $?"`
  const server = spawnServer('script', ['--quiet', '--command', `sh -c '${told}'`, '/dev/null'])
  const ended = server.ended.then(() => {
    const status = /exit status (\d+)/.exec(server.output())?.[1]
    return status === undefined ? null : Number(status)
  })
  return { ...server, ended }
}

test.skipIf(skip)('Ctrl-C in a terminal stops the server first and the database last', async () => {
  await using scratch = await scratchDirectory()
  const dataDir = join(scratch.path, 'data')
  const server = inTerminal(`${process.execPath} ${FIXTURE} start --data ${dataDir}`)
  expect(await visit(await server.ready())).toBe(1)
  const pid = (await postmasterPid(dataDir)) ?? 0
  server.child.stdin.write(CTRL_C)
  expect(await server.ended).toBe(0)
  expect(server.output()).toContain('Stopped.')
  expect(await isPostgres(pid)).toBe(false)
})

test.skipIf(skip)('a second Ctrl-C ends the server at once and leaves no database', async () => {
  await using scratch = await scratchDirectory()
  const dataDir = join(scratch.path, 'data')
  const server = inTerminal(`SLOW_CLOSE=1 ${process.execPath} ${FIXTURE} start --data ${dataDir}`)
  expect(await visit(await server.ready())).toBe(1)
  server.child.stdin.write(CTRL_C)
  await delay(SECOND_PRESS_MS)
  server.child.stdin.write(CTRL_C)
  expect(await server.ended).toBe(130)
  while ((await postmasterPid(dataDir)) !== undefined) await delay(20)
})
