// A client of one encrypted room, as small as may be: it runs in a browser, with the keys in IndexedDB. Who it is
// for stands in the fragment of its URL, so that a reload is the same device again.
import { ClientEvent, createClient, MatrixEventEvent, MsgType, RoomEvent, SyncState } from 'matrix-js-sdk'

const { url, userId, deviceId, token, roomId } = JSON.parse(decodeURIComponent(location.hash.slice(1)))
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet }
const client = createClient({ baseUrl: url, userId, deviceId, accessToken: token, logger: quiet })

function showMessages() {
  const events = client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? []
  const items = events
    .filter((event) => event.isEncrypted() && event.status === null)
    .map((event) => {
      const item = document.createElement('li')
      item.textContent = event.isDecryptionFailure() ? 'cannot be read' : event.getContent().body
      return item
    })
  document.querySelector('ul').replaceChildren(...items)
}

document.querySelector('form').addEventListener('submit', (submission) => {
  submission.preventDefault()
  const { message } = submission.target.elements
  void client.sendMessage(roomId, { msgtype: MsgType.Text, body: message.value })
  message.value = ''
})
for (const event of [RoomEvent.Timeline, RoomEvent.LocalEchoUpdated, MatrixEventEvent.Decrypted])
  client.on(event, showMessages)
client.on(ClientEvent.Sync, (state) => {
  if (state === SyncState.Prepared) document.querySelector('h1').textContent = 'Encrypted chat'
})
await client.initRustCrypto()
await client.startClient()
