/**
 * How deep arrays and objects may nest. Matrix needs fewer than 20 levels; JSON readers of other servers stop
 * between 128 and 10,000. At 1,000 every recursive walk over a value stays far from the end of the call stack.
 */
export const MAX_JSON_DEPTH = 1000
