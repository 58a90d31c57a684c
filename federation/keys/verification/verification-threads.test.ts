import { createPublicKey } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { createSeed, createSigningKey } from '../../../protocol/crypto/ed25519.ts'
import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import type { KeyRequest } from '../key-request.ts'
import type { KeyRing } from '../key-ring.ts'
import { verifyPdus } from '../verify-pdus.ts'
import { VerificationThreads } from './verification-threads.ts'

const version = roomVersion('11')!
const signer = { serverName: 'there.test', ...createSigningKey(createSeed(), 'one') }
const asked: KeyRequest[] = []
const keyRing = {
  async keysFor(requests: readonly KeyRequest[]) {
    asked.push(...requests)
    const key = {
      publicKey: createPublicKey(signer.privateKey),
      validUntilTs: Number.MAX_SAFE_INTEGER,
      expiredTs: null,
    }
    return new Map([['there.test', new Map([[signer.keyId, key]])]])
  },
} satisfies Partial<KeyRing> as KeyRing

const threads = new VerificationThreads(keyRing)
afterAll(() => threads.close())

function message(index: number): JsonObject {
  return buildPdu(
    {
      type: 'm.room.message',
      roomId: '!room:there.test',
      sender: '@alice:there.test',
      stateKey: undefined,
      content: { body: `${index}`, ünïcode: '\u0000\u2028😀' },
      originServerTs: 1,
      depth: 1,
      prevEvents: [],
      authEvents: [],
    },
    version,
    signer,
  ).pdu
}

test('says what checking in this thread says, and asks for each key once', async () => {
  const pdus: JsonObject[] = Array.from({ length: 30 }, (_, index) => message(index))
  pdus[3] = { ...pdus[3]!, depth: 7 }
  pdus[5] = { ...pdus[5]!, content: { body: 'another' } }
  pdus[7] = { ...pdus[7]!, type: 7 }
  pdus[9] = {
    ...pdus[9]!,
    sender: '@eve:unknown.test',
    signatures: { 'unknown.test': { 'ed25519:x': 'AA' } },
  }
  pdus[11] = { ...pdus[11]!, unsigned: { age: 3 } }
  const texts = pdus.map((pdu) => Buffer.from(JSON.stringify(pdu)))
  const results = await threads.verify([...texts, Buffer.from('{"a')], version)
  expect(asked).toHaveLength(2)
  expect(results.at(-1)).toMatchObject({ ok: false, why: 'invalid' })
  expect(results.slice(0, -1)).toEqual(await verifyPdus(keyRing, pdus, version))
  expect(results.map(({ ok }) => ok).filter((ok) => !ok)).toHaveLength(4)
})

test('many batches at once each get their own answer', async () => {
  const batches = Array.from({ length: 20 }, (_, index) => [Buffer.from(JSON.stringify(message(index)))])
  const results = await Promise.all(batches.map((batch) => threads.verify(batch, version)))
  expect(results.map(([result]) => result?.ok && result.event.content['body'])).toEqual(
    batches.map((_, index) => `${index}`),
  )
})

test('a thread that has ended is replaced', async () => {
  await threads.close()
  expect(await threads.verify([Buffer.from(JSON.stringify(message(1)))], version)).toMatchObject([
    { ok: true },
  ])
})
