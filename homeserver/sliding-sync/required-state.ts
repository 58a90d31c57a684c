/** State events of one type, of one state key, of both, or all: absent fields match everything. */
export interface StatePattern {
  readonly type?: string
  readonly stateKey?: string
}

/** Which state events a rule asks for (MSC4186, `RequiredStateRequest`). */
export interface RequiredState {
  readonly include: readonly StatePattern[]
  readonly exclude: readonly StatePattern[]
  /** Members only as the timeline needs them, but for those whom a pattern names. */
  readonly lazyMembers: boolean
}

/** What one rule asks of a room. */
export interface RoomConfig {
  readonly timelineLimit: number
  readonly state: RequiredState
}

/** What all rules that a room matches ask of it together. */
export interface CombinedConfig {
  readonly timelineLimit: number
  /** Without repetitions, in a fixed order, so that equal ones have equal texts. */
  readonly state: readonly RequiredState[]
}

const MEMBER = 'm.room.member'

/** The superset of configs (MSC4186, "Combining room configs"). */
export function combineConfigs(configs: readonly RoomConfig[]): CombinedConfig {
  const states = new Map(configs.map(({ state }) => [JSON.stringify(state), state]))
  return {
    timelineLimit: Math.max(0, ...configs.map(({ timelineLimit }) => timelineLimit)),
    state: [...states].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state),
  }
}

/** What combined rules select of a room's state, lazy members apart. */
export class StateSelector {
  readonly #states: readonly RequiredState[]
  /** Whether members are sent as the timeline needs them. */
  readonly lazy: boolean

  constructor(states: readonly RequiredState[]) {
    this.#states = states
    this.lazy = states.some((state) => state.lazyMembers) && !states.some(coversAllMembers)
  }

  /** Whether a state event is asked for by its place. */
  matches(type: string, stateKey: string): boolean {
    return this.#states.some(
      (state) =>
        state.include.some((pattern) => includes(state, pattern, type, stateKey)) &&
        !state.exclude.some((pattern) => covers(pattern, type, stateKey)),
    )
  }

  /** Places that are named in full. */
  get places(): { readonly type: string; readonly stateKey: string }[] {
    return this.#patterns().flatMap(({ type, stateKey }) =>
      type === undefined || stateKey === undefined ? [] : [{ type, stateKey }],
    )
  }

  /** Types of which all is asked for. */
  get types(): string[] {
    return this.#patterns().flatMap(({ type, stateKey }) =>
      type !== undefined && stateKey === undefined && !(type === MEMBER && this.lazy) ? [type] : [],
    )
  }

  /** Whether places of any type are asked for. */
  get anyType(): boolean {
    return this.#patterns().some(({ type }) => type === undefined)
  }

  /** Whether a pattern over all types has members among what it matches. */
  get anyMember(): boolean {
    return (
      !this.lazy ||
      this.#patterns().some(({ type, stateKey }) => type === undefined && stateKey !== undefined)
    )
  }

  #patterns(): StatePattern[] {
    return this.#states.flatMap(({ include }) => include)
  }
}

function includes(state: RequiredState, pattern: StatePattern, type: string, stateKey: string): boolean {
  if (state.lazyMembers && type === MEMBER && pattern.stateKey === undefined) return false
  return covers(pattern, type, stateKey)
}

function covers(pattern: StatePattern, type: string, stateKey: string): boolean {
  return (
    (pattern.type === undefined || pattern.type === type) &&
    (pattern.stateKey === undefined || pattern.stateKey === stateKey)
  )
}

function coversAllMembers({ include, exclude, lazyMembers }: RequiredState): boolean {
  const isAll = ({ type, stateKey }: StatePattern): boolean =>
    stateKey === undefined && (type === undefined || type === MEMBER)
  return !lazyMembers && include.some(isAll) && !exclude.some(isAll)
}
