import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request, type Agent } from 'undici'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { addressRules } from './addresses/address-rules.ts'
import type { NameResolver } from './addresses/name-resolver.ts'
import { ForbiddenAddressError, guardedAgent } from './guarded-agent.ts'

let server: Server
let port: number
const hosts: string[] = []
const agents: Agent[] = []
beforeAll(async () => {
  server = createServer((incoming, answer) => {
    hosts.push(String(incoming.headers.host))
    answer.end('heard')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => void server.close())
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close()
})

function agentTo(addresses: readonly string[], rules = addressRules(['127.0.0.0/8'], ['127.0.0.1'])) {
  const resolver: NameResolver = { addresses: async () => addresses, services: async () => [] }
  const agent = guardedAgent({ resolver, rules, connectionsPerOrigin: 2 })
  agents.push(agent)
  return agent
}

it('goes to an allowed address of a name, whatever else the name leads to', async () => {
  const dispatcher = agentTo(['127.0.0.2', '127.0.0.1'])
  const { body } = await request(`http://gateway.test:${port}/`, { dispatcher })
  expect(await body.text()).toBe('heard')
  expect(hosts.at(-1)).toBe(`gateway.test:${port}`)
})

it.each(['127.0.0.2', '0.0.0.0', '::ffff:127.0.0.2', '64:ff9b::7f00:2'])(
  'refuses a name that leads to %s, and the address itself',
  async (address) => {
    const dispatcher = agentTo([address])
    const host = address.includes(':') ? `[${address}]` : address
    for (const name of ['gateway.test', host]) {
      const asked = request(`http://${name}:${port}/`, { dispatcher })
      await expect(asked).rejects.toThrow(ForbiddenAddressError)
    }
  },
)

it('says when a name has no address', async () => {
  const dispatcher = agentTo([])
  await expect(request(`http://gateway.test:${port}/`, { dispatcher })).rejects.toThrow('has no address')
})
