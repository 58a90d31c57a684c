import { expect, test } from 'vitest'
import { isOpenToSuspended } from './suspension.ts'

const V3 = '/_matrix/client/v3'

test.each([
  ['GET', `${V3}/rooms/:roomId/messages`],
  ['POST', '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'],
  ['POST', `${V3}/keys/device_signing/upload`],
  ['PUT', `${V3}/room_keys/keys/:roomId/:sessionId`],
  ['PUT', `${V3}/sendToDevice/:eventType/:txnId`],
  ['POST', `${V3}/rooms/:roomId/leave`],
  ['PUT', `${V3}/rooms/:roomId/redact/:eventId/:txnId`],
  ['DELETE', `${V3}/devices/:deviceId`],
  ['POST', `${V3}/account/deactivate`],
])('%s %s is open to suspended users', (method, pattern) => {
  expect(isOpenToSuspended(method, pattern)).toBe(true)
})

test.each([
  ['POST', `${V3}/createRoom`],
  ['POST', `${V3}/join/:roomIdOrAlias`],
  ['POST', `${V3}/knock/:roomIdOrAlias`],
  ['POST', `${V3}/rooms/:roomId/invite`],
  ['PUT', `${V3}/rooms/:roomId/send/:eventType/:txnId`],
  ['PUT', `${V3}/rooms/:roomId/state/:eventType/:stateKey`],
  ['PUT', `${V3}/profile/:userId/:keyName`],
  ['PUT', `${V3}/rooms/:roomId/typing/:userId`],
  ['POST', '/_matrix/media/v3/upload'],
  ['POST', '/_matrix/client/v1/never/thought/of'],
])('%s %s is closed to suspended users', (method, pattern) => {
  expect(isOpenToSuspended(method, pattern)).toBe(false)
})
