declare const tuple: unique symbol

/** One place in a room's state: an event type and a state key, packed into a map key. */
export type StateTuple = string & { readonly [tuple]: true }

/** Room state: which event stands at which place. Values are event ids unless a type argument says otherwise. */
export type StateMap<Value = string> = ReadonlyMap<StateTuple, Value>

/** Packs an event type and a state key. The length prefix keeps any two pairs apart, whatever they contain. */
export function stateTuple(type: string, stateKey: string): StateTuple {
  return `${type.length}:${type}${stateKey}` as StateTuple
}

/** Unpacks what {@link stateTuple} packed. */
export function splitStateTuple(key: StateTuple): { readonly type: string; readonly stateKey: string } {
  const colon = key.indexOf(':')
  const end = colon + 1 + Number(key.slice(0, colon))
  return { type: key.slice(colon + 1, end), stateKey: key.slice(end) }
}
