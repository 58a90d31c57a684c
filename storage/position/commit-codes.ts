/** Key of the advisory lock under which positions are allocated and committed. */
export const COMMIT_LOCK = 0x4d_45_52_49

/** SQLSTATE raised when a batch comes from a connection that has been fenced off. */
export const STALE_WRITER = 'MR001'

/** SQLSTATE raised when a batch writes a room whose lease has gone to another writer; the detail lists the rooms. */
export const STALE_LEASE = 'MR002'
