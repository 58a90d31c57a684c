import { expect, test, vi } from 'vitest'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { AuthChains, type ReadAuthChain } from './auth-chains.ts'

const ROOM = 1 as RoomNid

function counted() {
  const read = vi.fn<ReadAuthChain>(async (_roomNid, eventIds) => [...eventIds, '$create'])
  return { read, chains: new AuthChains(read) }
}

test('a chain that several ask for is read once, in whatever order they name its ends', async () => {
  const { read, chains } = counted()
  const told = await Promise.all([chains.of(ROOM, ['$b', '$a']), chains.of(ROOM, ['$a', '$b', '$a'])])
  told.push(await chains.of(ROOM, ['$b', '$a']))
  expect(told).toEqual(Array.from({ length: 3 }, () => ['$a', '$b', '$create']))
  expect(read).toHaveBeenCalledTimes(1)
})

test('other ends and other rooms have chains of their own', async () => {
  const { read, chains } = counted()
  await chains.of(ROOM, ['$a'])
  await chains.of(ROOM, ['$b'])
  await chains.of(2 as RoomNid, ['$a'])
  expect(read).toHaveBeenCalledTimes(3)
})

test('a chain that could not be read is read again', async () => {
  const { read, chains } = counted()
  read.mockRejectedValueOnce(new Error('the database is away'))
  await expect(chains.of(ROOM, ['$a'])).rejects.toThrow('away')
  expect(await chains.of(ROOM, ['$a'])).toEqual(['$a', '$create'])
})

test('more than its bytes are not kept', async () => {
  const { read, chains } = counted()
  const many = Array.from({ length: 600_000 }, (_, index) => `$${index}`)
  await chains.of(ROOM, many)
  await chains.of(ROOM, many)
  expect(read).toHaveBeenCalledTimes(2)
})
