import { createHash, webcrypto } from 'node:crypto'
import { EventType, MsgType, Visibility, type MatrixEvent } from 'matrix-js-sdk'
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/types.js'
import sharp from 'sharp'
import { expect } from 'vitest'
import { fileNameOf } from '../../../homeserver/media/serving/content-disposition.ts'
import { eventually } from '../../support/eventually.ts'
import type { SdkUser } from '../../support/js-sdk.ts'

const KEY_BITS = 256
const COUNTER_BITS = 64

/**
 * An image and an encrypted file, sent by one user of the library and seen by another, whose server fetches them from
 * the first's.
 */
export async function exchangeFiles(sender: SdkUser, reader: SdkUser): Promise<void> {
  const { room_id: roomId } = await sender.client.createRoom({ visibility: Visibility.Private })
  await sender.client.invite(roomId, reader.userId)
  await eventually('the invite', () => reader.client.getRoom(roomId)?.getMyMembership() === 'invite')
  await reader.client.joinRoom(roomId)

  const image = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
  const uploaded = await sender.client.uploadContent(
    new Blob([Uint8Array.from(image)], { type: 'image/png' }),
    {
      name: 'teal ☕.png',
      type: 'image/png',
    },
  )
  const sent = await sender.client.sendMessage(roomId, {
    msgtype: MsgType.Image,
    body: 'teal ☕.png',
    url: uploaded.content_uri,
  })
  const seen = await arrived(reader, roomId, sent.event_id)
  const uri = String(seen.getContent()['url'])
  const whole = await fetchMedia(reader, uri)
  expect(Buffer.from(await whole.arrayBuffer()).equals(image)).toBe(true)
  expect(fileNameOf(whole.headers.get('content-disposition') ?? undefined)).toBe('teal ☕.png')
  const small = await fetchMedia(reader, uri, 32)
  expect(await sharp(Buffer.from(await small.arrayBuffer())).metadata()).toMatchObject({
    width: 32,
    height: 32,
  })

  const secret = Buffer.from('what nobody but the reader may know')
  const { ciphertext, file } = await encrypt(secret)
  const stored = await sender.client.uploadContent(
    new Blob([ciphertext], { type: 'application/octet-stream' }),
    {
      includeFilename: false,
    },
  )
  const hidden = await sender.client.sendMessage(roomId, {
    msgtype: MsgType.File,
    body: 'secret.txt',
    file: { ...file, url: stored.content_uri },
  } as RoomMessageEventContent)
  const received = (await arrived(reader, roomId, hidden.event_id)).getContent()['file'] as EncryptedFile
  const answer = await fetchMedia(reader, received.url)
  expect(await decrypt(Buffer.from(await answer.arrayBuffer()), received)).toEqual(secret)
}

function arrived(reader: SdkUser, roomId: string, eventId: string): Promise<MatrixEvent> {
  return eventually('the event with a file', () => {
    const event = reader.client.getRoom(roomId)?.findEventById(eventId)
    return event?.getType() === EventType.RoomMessage ? event : undefined
  })
}

async function fetchMedia({ client }: SdkUser, uri: string, side?: number): Promise<Response> {
  const url = client.mxcUrlToHttp(uri, side, side, side === undefined ? undefined : 'crop', false, true, true)
  const answer = await fetch(url!, { headers: { authorization: `Bearer ${client.getAccessToken()}` } })
  expect(answer.status).toBe(200)
  return answer
}

/** An encrypted file as events describe it (client-server API, "Sending encrypted attachments"). */
interface EncryptedFile {
  readonly url: string
  readonly key: webcrypto.JsonWebKey
  readonly iv: string
  readonly hashes: { readonly sha256: string }
}

async function encrypt(
  plain: Buffer,
): Promise<{ ciphertext: ArrayBuffer; file: Omit<EncryptedFile, 'url'> & { readonly v: 'v2' } }> {
  const key = await webcrypto.subtle.generateKey({ name: 'AES-CTR', length: KEY_BITS }, true, [
    'encrypt',
    'decrypt',
  ])
  const counter = Buffer.concat([webcrypto.getRandomValues(Buffer.alloc(8)), Buffer.alloc(8)])
  const algorithm = { name: 'AES-CTR', counter, length: COUNTER_BITS }
  const ciphertext = await webcrypto.subtle.encrypt(algorithm, key, plain)
  return {
    ciphertext,
    file: {
      v: 'v2',
      key: await webcrypto.subtle.exportKey('jwk', key),
      iv: unpadded(counter),
      hashes: { sha256: unpadded(createHash('sha256').update(new Uint8Array(ciphertext)).digest()) },
    },
  }
}

async function decrypt(ciphertext: Buffer, file: EncryptedFile): Promise<Buffer> {
  expect(unpadded(createHash('sha256').update(ciphertext).digest())).toBe(file.hashes.sha256)
  const key = await webcrypto.subtle.importKey('jwk', file.key, 'AES-CTR', false, ['decrypt'])
  const algorithm = { name: 'AES-CTR', counter: Buffer.from(file.iv, 'base64'), length: COUNTER_BITS }
  return Buffer.from(await webcrypto.subtle.decrypt(algorithm, key, ciphertext))
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
