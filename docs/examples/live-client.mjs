// Follows an account over live sync and prints what people say: node live-client.mjs https://example.org TOKEN
import { WebSocket } from 'ws'

const RESUME_CODES = new Set([1001, 1006, 1012, 4000])
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

const [url, token] = process.argv.slice(2)
if (!url || !token) throw new Error('Usage: node live-client.mjs URL ACCESS_TOKEN')

let since
let wait = FIRST_WAIT_MS
connect()

function connect() {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/_matrix/client/unstable/dev.meridian/live`)
  socket.on('open', () => {
    socket.send(JSON.stringify({ access_token: token, since, filter: { room: { timeline: { limit: 10 } } } }))
  })
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data))
    show(answer)
    // Only now: what is acknowledged is not sent again.
    since = answer.next_batch
    socket.send(JSON.stringify({ ack: since }))
    wait = FIRST_WAIT_MS
  })
  socket.on('error', () => undefined)
  socket.on('close', (code, reason) => {
    if (!RESUME_CODES.has(code)) throw new Error(`Closed for good: ${code} ${reason}`)
    // A random part, so that not all clients of a server come back in the same moment.
    setTimeout(connect, wait * (0.5 + Math.random()))
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
  })
}

function show(answer) {
  for (const [roomId, room] of Object.entries(answer.rooms.join)) {
    for (const event of room.timeline.events) {
      if (event.type === 'm.room.message') console.log(roomId, event.sender, event.content.body)
    }
  }
}
