import type { RoomSummary } from '../summaries/room-summary.ts'

/** A room that is to be looked at. */
export interface WaitingRoom {
  readonly roomId: string
  readonly via: readonly string[]
  /** Steps from the space where the walk began. */
  readonly depth: number
  /** What the server of the parent has told of it. */
  readonly told: RoomSummary | undefined
}

/** How far a walk through a space has come. */
export interface WalkState {
  /** The next one is the last: the walk goes down before it goes on. */
  readonly waiting: WaitingRoom[]
  /** Rooms that have been looked at, seen or not. */
  readonly visited: Set<string>
}

export function walkFrom(roomId: string, via: readonly string[]): WalkState {
  return { waiting: [{ roomId, via, depth: 0, told: undefined }], visited: new Set() }
}

/** A copy that goes its own way. */
export function copyWalk({ waiting, visited }: WalkState): WalkState {
  return { waiting: [...waiting], visited: new Set(visited) }
}
