import pg from 'pg'
import { STALE_LEASE } from './commit-codes.ts'

const UNIQUE_VIOLATION = '23505'

/** Whether an error is PostgreSQL's refusal of a row that another one with the same key stands for. */
export function violatesUnique(error: unknown, constraint: string): boolean {
  return (
    error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === constraint
  )
}

/** Whether a write came too late: the room has been opened anew since the write was planned. */
export function isStaleLease(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === STALE_LEASE
}
