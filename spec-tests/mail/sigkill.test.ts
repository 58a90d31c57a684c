import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../storage/database.ts'
import { eventually } from '../support/eventually.ts'
import { startMortalServer } from '../support/mortal-server.ts'
import { registerByMail } from '../support/register-by-mail.ts'
import { startSmtpServer, type SmtpServer } from '../support/smtp.ts'
import { TestClient } from '../support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let smtp: SmtpServer
let database: TestDatabase
beforeAll(async () => {
  smtp = await startSmtpServer()
  database = await createTestDatabase()
})
afterAll(async () => {
  await smtp.close()
  await database.close()
})

it('a server killed while its mail server is away mails after its start, once, what is unread', async () => {
  const { port } = smtp
  const config = {
    public_baseurl: 'http://public.test/',
    email: {
      notif_from: 'noreply@here.test',
      smtp_host: '127.0.0.1',
      smtp_port: port,
      enable_notifs: true,
      notif_delay_before_mail: 1_000,
    },
  }
  const addresses = ['early@mail.test', 'late@mail.test'] as const
  let server = await startMortalServer(database.address, config)
  const { queries, close } = openDatabase(database.address)
  try {
    const alice = new TestClient(server.url)
    await alice.register('alice')
    const rooms: string[] = []
    for (const address of addresses) {
      const reader = await registerByMail(server.url, smtp, address.slice(0, address.indexOf('@')), address)
      rooms.push(await alice.createRoom({ preset: 'public_chat' }))
      await reader.join(rooms.at(-1)!)
    }
    await smtp.close()
    await alice.say(rooms[0]!, 'what the mail server refuses')
    await eventually('a mail that failed', () =>
      queries
        .selectFrom('job')
        .select('attempts')
        .where('kind', '=', 'push.mail')
        .where('last_error', 'is not', null)
        .executeTakeFirst(),
    )
    await alice.say(rooms[1]!, 'what is too young for a mail')
    await server.kill9()
    smtp = await startSmtpServer({ port })
    server = await startMortalServer(database.address, config)
    const mails = await Promise.all(addresses.map((address) => smtp.mailTo(address)))
    expect(mails[0]!.raw).toContain('what the mail server refuses')
    expect(mails[1]!.raw).toContain('what is too young for a mail')
    await eventually('the end of the jobs', async () => {
      const jobs = await queries.selectFrom('job').select('kind').where('kind', '=', 'push.mail').execute()
      return jobs.length === 0
    })
    expect(smtp.mails).toHaveLength(addresses.length)
  } finally {
    await server.close()
    await close()
  }
}, 120_000)
