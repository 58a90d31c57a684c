import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestClient } from '../support/test-client.ts'
import { hostileWorld, type HostileWorld } from './support/hostile-world.ts'

/** As many as fit beside each other in one process that holds both of their ends. */
const SILENT = 300
const POLLS = 1_000

let world: HostileWorld
let alice: TestClient
let roomId: string
const open: Socket[] = []

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
  roomId = await alice.createRoom()
})
afterAll(async () => {
  for (const socket of open) socket.destroy()
  await world.close()
})

async function dial(text: string): Promise<Socket> {
  const { hostname, port } = new URL(world.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  open.push(socket)
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** Reads from a socket until the server has said enough. */
async function heard(socket: Socket, enough: (text: string) => boolean): Promise<string> {
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (enough(text)) return text
  }
  return text
}

const requestText = (target: string, method = 'GET'): string =>
  `${method} ${target} HTTP/1.1\r\nhost: here.test\r\nauthorization: Bearer ${alice.token}\r\n`
const countOf = (text: string, part: string): number => text.split(part).length - 1
const isServed = async (): Promise<boolean> => {
  const said = await alice.say(roomId, 'still here')
  return JSON.stringify(await alice.sync({ timeout: '0' })).includes(said)
}

describe('who is slow', () => {
  test('does not keep others from being served, and is cut off', async () => {
    const begun = await Promise.all(
      Array.from({ length: SILENT }, (_, index) => {
        if (index % 3 === 0) return dial('')
        if (index % 3 === 1) return dial('GET /_matrix/client/versions HT')
        return dial(`${requestText('/_matrix/client/v3/sync')}x-slow: `)
      }),
    )
    const drip = setInterval(() => {
      for (const socket of begun.filter((_, index) => index % 3 === 2)) socket.write('a')
    }, 1_000)
    const cut = Promise.all(begun.map((socket) => heard(socket, () => false)))
    expect(await isServed()).toBe(true)
    const answers = await cut
    clearInterval(drip)
    for (const answer of answers) expect(answer).toMatch(/^$|^HTTP\/1\.1 408 /)
    expect(await isServed()).toBe(true)
    expect(world.takeFailures()).toEqual([])
  }, 60_000)

  test('with a body that never comes holds nothing up', async () => {
    const head = `${requestText('/_matrix/client/v3/createRoom', 'POST')}content-length: 1000\r\n\r\n{`
    const sockets = await Promise.all(Array.from({ length: SILENT }, () => dial(head)))
    expect(await isServed()).toBe(true)
    for (const socket of sockets) socket.destroy()
    expect(await isServed()).toBe(true)
    expect(world.takeFailures()).toEqual([])
  })
})

describe('pipelining', () => {
  test('a hundred requests at once are answered in their order', async () => {
    const unknown = (n: number): string => `/_matrix/client/v3/rooms/!r${n}:x/state/m.room.name`
    const socket = await dial(
      Array.from({ length: 50 }, (_, n) =>
        [`${requestText(unknown(n))}\r\n`, `${requestText('/_matrix/client/versions')}\r\n`].join(''),
      ).join(''),
    )
    const text = await heard(socket, (all) => countOf(all, 'HTTP/1.1 ') === 100 && all.endsWith('}'))
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toEqual(Array.from({ length: 50 }, () => ['403', '200']).flat())
    expect(world.takeFailures()).toEqual([])
  })

  test('what stands behind a poll waits for it, and a connection that goes ends both', async () => {
    const { next_batch } = await alice.sync({ timeout: '0' })
    const poll = requestText(`/_matrix/client/v3/sync?timeout=20000&since=${String(next_batch)}`)
    const both = `${poll}\r\n${requestText('/_matrix/client/versions')}\r\n`
    const [kept, gone] = [await dial(both), await dial(both)]
    gone.destroy()
    const said = await alice.say(roomId, 'behind')
    const text = await heard(kept, (all) => all.includes('unstable_features') && all.endsWith('}'))
    expect(text.indexOf(said)).toBeGreaterThan(0)
    expect(text.indexOf(said)).toBeLessThan(text.indexOf('unstable_features'))
    expect(world.takeFailures()).toEqual([])
  })
})

describe('idle polls', () => {
  test('a thousand of them leave the server free, and one event answers them all', async () => {
    const { next_batch } = await alice.sync({ timeout: '0' })
    const poll = requestText(`/_matrix/client/v3/sync?timeout=60000&since=${String(next_batch)}`)
    const sockets = await Promise.all(
      Array.from({ length: POLLS }, () => dial(`${poll}connection: close\r\n\r\n`)),
    )
    const answers = Promise.all(sockets.map((socket) => heard(socket, () => false)))
    expect(await alice.request('GET', '/_matrix/client/versions')).toMatchObject({ status: 200 })
    const said = await alice.say(roomId, 'wake')
    for (const answer of await answers) expect(answer).toContain(said)
    expect(world.takeFailures()).toEqual([])
  }, 60_000)

  test('a thousand whose clients have gone are forgotten', async () => {
    const { next_batch } = await alice.sync({ timeout: '0' })
    const poll = requestText(`/_matrix/client/v3/sync?timeout=60000&since=${String(next_batch)}`)
    const sockets = await Promise.all(Array.from({ length: POLLS }, () => dial(`${poll}\r\n`)))
    for (const socket of sockets) socket.destroy()
    expect(await isServed()).toBe(true)
    expect(world.takeFailures()).toEqual([])
  }, 60_000)
})
