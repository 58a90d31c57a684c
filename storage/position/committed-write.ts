import type { StreamPosition } from './position.ts'
import type { StreamWriteKind } from './stream-write.ts'

/** One committed item, as listeners are told about it. */
export interface CommittedWrite {
  readonly kind: StreamWriteKind<never>
  readonly item: unknown
  readonly position: StreamPosition
}

/** The item of a committed write when it is of `kind`: submission has tied the two together. */
export function itemOf<Item>(kind: StreamWriteKind<Item>, write: CommittedWrite): Item | undefined {
  return write.kind === (kind as StreamWriteKind<never>) ? (write.item as Item) : undefined
}
