import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { createKeptWalks, type KeptWalks } from './hierarchy/browse-space.ts'
import { createRemoteSpaceCache, type RemoteSpaceCache } from './hierarchy/remote-lookups.ts'
import { PublishedRooms } from './public-rooms/published-rooms.ts'
import type { RemoteDirectory } from './remote-directory.ts'

/** What the functions of this folder work with: how rooms are found by those who are not in them. */
export interface Directory {
  readonly actions: RoomActions
  readonly published: PublishedRooms
  /** Undefined where this server federates with nobody. */
  readonly remote: RemoteDirectory | undefined
  readonly remoteSpaces: RemoteSpaceCache
  readonly walks: KeptWalks
}

/** Builds the directory, which keeps up with what is committed from then on. */
export async function openDirectory(
  actions: RoomActions,
  remote: RemoteDirectory | undefined,
): Promise<Directory> {
  return {
    actions,
    published: await PublishedRooms.open(actions.services),
    remote,
    remoteSpaces: createRemoteSpaceCache(),
    walks: createKeptWalks(),
  }
}
