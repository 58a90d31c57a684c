declare const kind: unique symbol

/**
 * A place in the one stream of durable facts (DESIGN §3.1). Only this folder compares or adds positions, so
 * that a vector per writer can replace the number.
 */
export type StreamPosition = number & { readonly [kind]: 'stream-position' }

/** Before everything. */
export const STREAM_START = 0 as StreamPosition

/** A position read from a row or a token. */
export function streamPosition(value: number): StreamPosition {
  return value as StreamPosition
}

/** Whether `a` comes after `b`. */
export function isAfter(a: StreamPosition, b: StreamPosition): boolean {
  return a > b
}

/** The later of two positions. */
export function laterOf(a: StreamPosition, b: StreamPosition): StreamPosition {
  return a > b ? a : b
}

/** The earlier of two positions. */
export function earlierOf(a: StreamPosition, b: StreamPosition): StreamPosition {
  return a < b ? a : b
}

/** For `Array.prototype.sort`: earlier first. */
export function comparePositions(a: StreamPosition, b: StreamPosition): number {
  return a - b
}
