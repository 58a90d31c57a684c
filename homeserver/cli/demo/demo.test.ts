import { spawn } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, '..', '..', 'main.ts')
const POLL_MS = 20

function startDemo() {
  const child = spawn(process.execPath, [PROGRAM, 'demo'], { stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGTERM'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      if (child.exitCode !== null) throw new Error(`The demo ended:\n${output}`)
      await delay(POLL_MS)
    }
  }
  return { child, says, ended, output: () => output }
}

function find(pattern: RegExp, text: string): string {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`${pattern} is not in:\n${text}`)
  return found
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

test('the demo tells its story, serves, and leaves nothing', async () => {
  const demo = startDemo()
  await demo.says('Ctrl-C stops them')
  const transcript = demo.output()
  const afterTheKill = transcript.slice(transcript.indexOf('south.demo is back'))
  expect(afterTheKill).toContain('@alice:north.demo: I write on; it must reach you some day.')
  expect(afterTheKill).toContain('@bob:south.demo: Here I am again, and nothing is lost.')
  const directory = find(/, in (\S+)/, transcript)
  expect(await exists(directory)).toBe(true)
  const url = find(/south\.demo {2}clients (\S+)/, transcript)
  const password = find(/password (\S+)\.\n/, transcript)
  const login = await fetch(`${url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'bob' },
      password,
    }),
  })
  expect(login.status).toBe(200)

  demo.child.kill('SIGINT')
  expect(await demo.ended).toBe(0)
  expect(await exists(directory)).toBe(false)
  await expect(fetch(url)).rejects.toThrow()
}, 120_000)

test('a signal in the middle of the start leaves nothing', async () => {
  const demo = startDemo()
  await demo.says('Starting two regional servers')
  const directory = find(/, in (\S+)/, demo.output())
  demo.child.kill('SIGTERM')
  expect(await demo.ended).toBe(0)
  expect(await exists(directory)).toBe(false)
}, 60_000)
