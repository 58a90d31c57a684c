import type { Positioned, RoomLease, Statement, StreamWriteKind } from './stream-write.ts'
import { streamPosition, type StreamPosition } from './position.ts'

/** A submitted item on its way to the commit. */
export interface PendingWrite {
  readonly lease: RoomLease | undefined
  readonly kind: StreamWriteKind<never>
  readonly item: unknown
  readonly resolve: (position: StreamPosition) => void
  readonly reject: (error: Error) => void
}

/** The statements of one batch around the allocation of its positions. */
export interface BatchStatements {
  readonly before: readonly Statement[]
  readonly after: readonly Statement[]
  readonly leases: readonly RoomLease[]
}

/** Turns pending writes into statements, each kind's items in their order of submission. */
export function batchStatements(writes: readonly PendingWrite[]): BatchStatements {
  const byKind = new Map<StreamWriteKind<never>, Positioned<never>[]>()
  const leases = new Set<RoomLease>()
  writes.forEach((write, index) => {
    const items = byKind.get(write.kind) ?? []
    byKind.set(write.kind, items)
    items.push({ item: write.item as never, back: writes.length - 1 - index })
    if (write.lease) leases.add(write.lease)
  })
  const before: Statement[] = []
  const after: Statement[] = []
  for (const [kind, items] of byKind) {
    before.push(...(kind.before?.(items.map(({ item }) => item)) ?? []))
    after.push(...kind.after(items))
  }
  return { before, after, leases: [...leases] }
}

/** The position of the write at `index` of a batch of `size` whose last position is `last`. */
export function positionInBatch(last: number, size: number, index: number): StreamPosition {
  return streamPosition(last - (size - 1 - index))
}
