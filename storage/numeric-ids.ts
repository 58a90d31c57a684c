declare const kind: unique symbol

type Nid<Name extends string> = number & { readonly [kind]: Name }

/** Numeric ids of the database. They never leave the process: the edge speaks text. */
export type ServerNid = Nid<'server'>
export type UserNid = Nid<'user'>
export type RoomNid = Nid<'room'>
export type EventNid = Nid<'event'>
export type TypeNid = Nid<'type'>
export type StateKeyNid = Nid<'state-key'>
export type MediaNid = Nid<'media'>
