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

const texts = new WeakMap<RequiredState, string>()

/** JSON text of a rule's wishes. Rooms by the thousand have the same few rules, so each is written once. */
export function stateText(state: RequiredState): string {
  const text = texts.get(state) ?? JSON.stringify(state)
  texts.set(state, text)
  return text
}

/** The superset of configs (MSC4186, "Combining room configs"). */
export function combineConfigs(configs: readonly RoomConfig[]): CombinedConfig {
  const states = new Map(configs.map(({ state }) => [stateText(state), state]))
  return {
    timelineLimit: Math.max(0, ...configs.map(({ timelineLimit }) => timelineLimit)),
    state: [...states].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state),
  }
}

/** What combined rules select of a room's state, lazy members apart. */
export class StateSelector {
  readonly #states: readonly RequiredState[]
  readonly #compiled: readonly { readonly include: PatternSet; readonly exclude: PatternSet }[]
  /** Whether members are sent as the timeline needs them. */
  readonly lazy: boolean

  constructor(states: readonly RequiredState[]) {
    this.#states = states
    this.#compiled = states.map(({ include, exclude, lazyMembers }) => ({
      include: new PatternSet(include, lazyMembers),
      exclude: new PatternSet(exclude, false),
    }))
    this.lazy = states.some((state) => state.lazyMembers) && !states.some(coversAllMembers)
  }

  /** Whether a state event is asked for by its place. */
  matches(type: string, stateKey: string): boolean {
    return this.#compiled.some(
      ({ include, exclude }) => include.covers(type, stateKey) && !exclude.covers(type, stateKey),
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

/** Patterns, to be asked about a place in the same time however many they are. */
class PatternSet {
  readonly #places: ReadonlySet<string>
  readonly #types: ReadonlySet<string | undefined>
  readonly #stateKeys: ReadonlySet<string | undefined>
  readonly #all: boolean
  readonly #lazyMembers: boolean

  /** @param lazyMembers whether members need to be named. */
  constructor(patterns: readonly StatePattern[], lazyMembers: boolean) {
    this.#places = new Set(
      patterns.flatMap(({ type, stateKey }) =>
        type === undefined || stateKey === undefined ? [] : [placeOf(type, stateKey)],
      ),
    )
    this.#types = new Set(patterns.flatMap(({ type, stateKey }) => (stateKey === undefined ? [type] : [])))
    this.#stateKeys = new Set(
      patterns.flatMap(({ type, stateKey }) => (type === undefined ? [stateKey] : [])),
    )
    this.#all = this.#types.has(undefined)
    this.#lazyMembers = lazyMembers
  }

  covers(type: string, stateKey: string): boolean {
    if (this.#stateKeys.has(stateKey) || this.#places.has(placeOf(type, stateKey))) return true
    return (this.#all || this.#types.has(type)) && !(this.#lazyMembers && type === MEMBER)
  }
}

function placeOf(type: string, stateKey: string): string {
  return `${type.length} ${type}${stateKey}`
}

function coversAllMembers({ include, exclude, lazyMembers }: RequiredState): boolean {
  const isAll = ({ type, stateKey }: StatePattern): boolean =>
    stateKey === undefined && (type === undefined || type === MEMBER)
  return !lazyMembers && include.some(isAll) && !exclude.some(isAll)
}
