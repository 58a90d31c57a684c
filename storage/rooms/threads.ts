/** The main timeline's own thread id (receipts module, "Threaded read receipts"). */
export const MAIN_THREAD = 'main'

/** The thread of receipts and positions that are of the room as a whole. */
export const ALL_THREADS = ''
