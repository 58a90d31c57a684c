import type { ServiceRequest, TestAppService } from './app-service.ts'
import type { Json } from './test-client.ts'

const TRANSACTION = /^(?:\/_matrix\/app\/v1)?\/transactions\/(.+)$/

/** A transaction that a service was sent. */
export interface ServiceTransaction {
  readonly id: string
  readonly body: Json
}

/** The transactions that a service was sent, repeated ones once. */
export function transactionsOf({ requests }: Pick<TestAppService, 'requests'>): ServiceTransaction[] {
  const byId = new Map<string, ServiceTransaction>()
  for (const request of requests) {
    const id = transactionId(request)
    if (id !== undefined && !byId.has(id)) byId.set(id, { id, body: request.body })
  }
  return [...byId.values()]
}

/** The number in the path of a transaction; undefined for other requests. */
export function transactionId({ path }: Pick<ServiceRequest, 'path'>): string | undefined {
  return TRANSACTION.exec(path)?.[1]
}

/** The events that a service was told, in their order. */
export function eventsOf(service: Pick<TestAppService, 'requests'>): Json[] {
  return listIn(service, 'events')
}

/** What stood under a key of the transactions, one after another. */
export function listIn(service: Pick<TestAppService, 'requests'>, key: string): Json[] {
  return transactionsOf(service).flatMap(({ body }) => (body[key] ?? []) as Json[])
}

/** The bodies of the messages that a service was told in a room. */
export function messagesIn(service: Pick<TestAppService, 'requests'>, roomId: string): string[] {
  return eventsOf(service)
    .filter((event) => event['room_id'] === roomId && event['type'] === 'm.room.message')
    .map((event) => String((event['content'] as Json)['body']))
}
