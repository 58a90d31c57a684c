import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { HttpClient } from '../client/http-client.ts'
import { findListener, memoryOf } from '../measure/server-process.ts'
import { IdleSocket } from './idle-socket.ts'

/** What one address may open is bounded; Linux has all of 127.0.0.0/8. */
const SOCKETS_PER_ADDRESS = 800
/** Guests in a room, as in an organisation's groups. */
const ROOM_SIZE = 50
/** Requests and handshakes under way at the same time. */
const AT_ONCE = 40

const V3 = '/_matrix/client/v3'

interface Registered {
  readonly access_token: string
}

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8008' },
    sockets: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '120' },
  },
})
const url = values.url
const count = Number(values.sockets)
const http = new HttpClient(url)
const pid = await findListener(Number(new URL(url).port))
if (pid === undefined) throw new Error(`Nothing on this machine listens at ${url}`)

console.log(`${count} guests, each a user of their own, in rooms of ${ROOM_SIZE}`)
const host = await http.json<Registered>('POST', `${V3}/register`, undefined, {
  username: `host${Date.now()}`,
  password: 'correct horse battery',
  auth: { type: 'm.login.dummy' },
})
const rooms = await inTurns(Math.ceil(count / ROOM_SIZE), async () => {
  const guests = { type: 'm.room.guest_access', state_key: '', content: { guest_access: 'can_join' } }
  const body = { preset: 'public_chat', initial_state: [guests] }
  const { room_id: roomId } = await http.json<{ room_id: string }>(
    'POST',
    `${V3}/createRoom`,
    host.access_token,
    body,
  )
  return roomId
})
const tokens = await inTurns(count, async (index) => {
  const guest = await http.json<Registered>('POST', `${V3}/register?kind=guest`, undefined, {})
  const roomId = rooms[index % rooms.length]!
  await http.json('POST', `${V3}/join/${encodeURIComponent(roomId)}`, guest.access_token, {})
  return guest.access_token
})
const before = await rss()
console.log(`server before: ${before.toFixed(0)} MB`)

const started = performance.now()
const sockets = await inTurns(count, async (index) => {
  const address = `127.0.0.${2 + Math.floor(index / SOCKETS_PER_ADDRESS)}`
  const socket = new IdleSocket(url, tokens[index]!, address)
  await socket.ready
  return socket
})
console.log(`connected in ${((performance.now() - started) / 1_000).toFixed(1)} s`)
console.log(`server right after: ${(await rss()).toFixed(0)} MB`)
const cpuBefore = await cpuSeconds()
await sleep(Number(values.seconds) * 1_000)
const idle = await rss()
const cpu = (await cpuSeconds()) - cpuBefore
const open = sockets.filter((socket) => socket.isOpen).length
console.log(`after ${values.seconds} s of idling: ${idle.toFixed(0)} MB, ${open} of ${count} open`)
console.log(`${(((idle - before) * 1024) / count).toFixed(1)} kB a socket`)
console.log(`${((cpu / Number(values.seconds)) * 100).toFixed(1)} % of a core while idling`)

const members = sockets.filter((_, index) => index % rooms.length === 0)
const heard = Promise.all(members.map((socket) => socket.hears('wake up')))
const sentAt = performance.now()
const path = `${V3}/rooms/${encodeURIComponent(rooms[0]!)}/send/m.room.message/wake`
await http.json('PUT', path, host.access_token, { msgtype: 'm.text', body: 'wake up' })
await heard
console.log(
  `a message to ${members.length} of them: heard by all in ${(performance.now() - sentAt).toFixed(0)} ms`,
)
for (const socket of sockets) socket.close()
await http.close()

async function inTurns<Result>(total: number, work: (index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < total) {
      const index = next++
      results[index] = await work(index)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

async function rss(): Promise<number> {
  const memory = await memoryOf(pid!)
  if (!memory) throw new Error('The server is gone')
  return memory.rssMb
}

/** CPU time that the server has taken so far. */
async function cpuSeconds(): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  // utime and stime, in the clock ticks of every Linux.
  return (Number(fields[11]) + Number(fields[12])) / 100
}
