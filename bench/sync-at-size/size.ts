/** How much there is to sync. */
export interface Size {
  /** Accounts of the server, each a member of every room. */
  readonly users: number
  readonly rooms: number
  /** Members of each room, the accounts among them. */
  readonly membersPerRoom: number
  readonly messagesPerRoom: number
  /** Said after the token that catching up starts from. */
  readonly newsPerRoom: number
}

/** The published measurements' size. */
export const PUBLISHED_SIZE: Size = {
  users: 200,
  rooms: 300,
  membersPerRoom: 300,
  messagesPerRoom: 120,
  newsPerRoom: 30,
}

/** Members that belong to some of the rooms only; the rooms draw theirs from so many times what one needs. */
const OTHERS_FACTOR = 10

export const SERVER_NAME = 'bench.example'

/** The accounts. */
export function userIds({ users }: Size): string[] {
  return Array.from({ length: users }, (_, index) => `@user-${index}:${SERVER_NAME}`)
}

/** Everybody else; they never log in. */
export function otherIds({ users, membersPerRoom }: Size): string[] {
  const length = (membersPerRoom - users) * OTHERS_FACTOR
  return Array.from({ length }, (_, index) => `@other-${index}:${SERVER_NAME}`)
}
