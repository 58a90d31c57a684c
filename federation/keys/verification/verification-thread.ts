import { parentPort } from 'node:worker_threads'
import type { UnverifiedPdu } from '../../../protocol/events/room-event.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import { JsonSyntaxError, parseJson } from '../../../protocol/json/parse.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import type { KeyRequest } from '../key-request.ts'
import { checkPdu, keyRequests, readPdu, type FailedPdu } from './check-pdu.ts'
import {
  pack,
  transferOf,
  unpack,
  type CheckBatch,
  type FromThread,
  type PassedPdu,
  type ReadBatch,
  type ToThread,
} from './thread-messages.ts'

// The entry of a verification thread: see `verification-threads.ts`.

const read = new Map<number, readonly (UnverifiedPdu | FailedPdu)[]>()

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'read') readBatch(message)
  else if (message.kind === 'check') checkBatch(message)
  else read.delete(message.batch)
})

function answer(message: FromThread, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function readBatch({ batch, version: versionId, texts }: ReadBatch): void {
  const version = roomVersion(versionId)
  if (!version) throw new RangeError(`there is no room version ${versionId}`)
  const events = unpack(texts).map((text) => readText(text, version))
  read.set(batch, events)
  const requests = new Map<string, KeyRequest>()
  for (const event of events) {
    for (const request of 'ok' in event ? [] : keyRequests(event)) {
      const key = JSON.stringify([request.server, request.keyId])
      const known = requests.get(key)
      if (!known || known.minimumValidUntil < request.minimumValidUntil) requests.set(key, request)
    }
  }
  answer({ kind: 'needs', batch, requests: [...requests.values()] })
}

function readText(text: Buffer, version: RoomVersionRules): UnverifiedPdu | FailedPdu {
  try {
    return readPdu(parseJson(text), version)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    return { ok: false, eventId: undefined, why: 'invalid', reason: error.message }
  }
}

function checkBatch({ batch, keys }: CheckBatch): void {
  const events = read.get(batch) ?? []
  read.delete(batch)
  const passed: Buffer[] = []
  const results = events.map((event): PassedPdu | FailedPdu => {
    const result = 'ok' in event ? event : checkPdu(event, keys)
    if (!result.ok) return result
    const { eventId, roomId, authEvents, pdu, version } = result.event
    passed.push(Buffer.from(canonicalJson(pdu, { strict: version.strictCanonicalJson })))
    return { ok: true, eventId, roomId, authEvents }
  })
  const texts = pack(passed)
  answer({ kind: 'checked', batch, results, texts }, transferOf(texts))
}
