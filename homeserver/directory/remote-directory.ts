import type { PublicRoomsPage, PublicRoomsQuestion } from './public-rooms/public-rooms-page.ts'
import type { RoomSummary } from './summaries/room-summary.ts'
import type { SpaceChild } from './hierarchy/space-child.ts'

/** A room as a server that is in it tells of it; nothing in here is proven. */
export interface RemoteSpace {
  readonly summary: RoomSummary
  /** In their order. Empty for a room that is no space. */
  readonly children: readonly SpaceChild[]
  /** Those children that the server knows as well, without their own children. */
  readonly childSummaries: ReadonlyMap<string, RoomSummary>
  /** Children of which that server says that nobody here can see them. */
  readonly inaccessible: ReadonlySet<string>
}

/** What the directory needs of other servers, given by `homeserver/context.ts`. */
export interface RemoteDirectory {
  /**
   * A page of another server's published rooms.
   *
   * @throws MatrixError 502 M_UNKNOWN when the server cannot be asked, or refuses.
   */
  publicRooms(serverName: string, question: PublicRoomsQuestion): Promise<PublicRoomsPage>
  /**
   * A room and, where it is a space, its children; asked of the servers in turn until one knows it.
   *
   * @param signal ends the asking.
   * @returns undefined when none of them tells.
   */
  space(
    roomId: string,
    servers: readonly string[],
    suggestedOnly: boolean,
    signal: AbortSignal,
  ): Promise<RemoteSpace | undefined>
}
