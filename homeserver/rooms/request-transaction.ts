import type { RequestIdentity } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

/** The row by which a client's request is known again when it is repeated. */
export function transactionOf(services: RoomServices, request: RequestIdentity) {
  return {
    userNid: request.userNid,
    deviceId: request.deviceId,
    requestHash: Buffer.from(request.requestHash, 'hex'),
    createdTs: services.now(),
    transactionId: request.transactionId,
  }
}
