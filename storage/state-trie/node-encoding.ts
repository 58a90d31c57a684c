import type { EventNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import { HASH_BYTES, rootFromBytes, rootToBytes, type NodeHash } from './state-root.ts'
import { FAN_OUT, type NodeContent, type StateEntry } from './trie-node.ts'
import { VarintReader, writeVarint } from './varint.ts'

const LEAF = 1
const BRANCH = 2
/** Kind and bitmap come before a branch's count. */
const BRANCH_HEADER_BYTES = 3

/**
 * A node as bytes. One content has one encoding, because the hash is taken over it.
 *
 *     leaf    01 | varint entries | (varint type, varint state key, varint event) of each, sorted
 *     branch  02 | bitmap of its children, 2 bytes big-endian, bit n for digit n | varint entries | hashes
 */
export function encodeNode(content: NodeContent): Buffer {
  const bytes: number[] = []
  if (content.kind === 'leaf') {
    bytes.push(LEAF)
    writeVarint(bytes, content.entries.length)
    for (const entry of content.entries) {
      writeVarint(bytes, entry.typeNid)
      writeVarint(bytes, entry.stateKeyNid)
      writeVarint(bytes, entry.eventNid)
    }
    return Buffer.from(bytes)
  }
  const present = content.children.map((child, digit) => (child === undefined ? 0 : 1 << digit))
  const bitmap = present.reduce((all, bit) => all | bit, 0)
  bytes.push(BRANCH, bitmap >> 8, bitmap & 0xff)
  writeVarint(bytes, content.count)
  const hashes = content.children.filter((child) => child !== undefined).map(rootToBytes)
  return Buffer.concat([Buffer.from(bytes), ...hashes])
}

/**
 * Reads what {@link encodeNode} wrote.
 *
 * @throws RangeError when the bytes are not a node: the stored row is damaged.
 */
export function decodeNode(body: Uint8Array): NodeContent {
  if (body[0] === LEAF) return decodeLeaf(body)
  if (body[0] === BRANCH) return decodeBranch(body)
  throw new RangeError('unknown kind of state node')
}

function decodeLeaf(body: Uint8Array): NodeContent {
  const reader = new VarintReader(body, 1)
  const entries: StateEntry[] = []
  for (let left = reader.read(); left > 0; left--) {
    const typeNid = reader.read() as TypeNid
    const stateKeyNid = reader.read() as StateKeyNid
    entries.push({ typeNid, stateKeyNid, eventNid: reader.read() as EventNid })
  }
  if (reader.offset !== body.length) throw new RangeError('state leaf has a wrong length')
  return { kind: 'leaf', entries }
}

function decodeBranch(body: Uint8Array): NodeContent {
  const bitmap = ((body[1] ?? 0) << 8) | (body[2] ?? 0)
  const reader = new VarintReader(body, BRANCH_HEADER_BYTES)
  const count = reader.read()
  const children: (NodeHash | undefined)[] = []
  let at = reader.offset
  for (let digit = 0; digit < FAN_OUT; digit++) {
    const present = (bitmap >> digit) & 1
    children.push(present ? rootFromBytes(body.subarray(at, at + HASH_BYTES)) : undefined)
    at += present * HASH_BYTES
  }
  if (at !== body.length) throw new RangeError('state branch has a wrong length')
  return { kind: 'branch', count, children }
}
