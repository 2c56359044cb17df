import { expect, test } from 'vitest'
import { StreamSession } from './harness/client.ts'
import { Switchboard } from './support/switchboard.ts'

test('the plugin adds less than 2.5 kB to a request while nothing is unread', async () => {
  await using bus = await Switchboard.create()
  const { sandbox } = bus
  const charsOf = async (launch: Partial<typeof bus.launch>) => {
    const session = StreamSession.start(sandbox, { permissionMode: 'manual', ...launch })
    await session.turn('hello')
    await session.turn('hello again')
    return sandbox.model.requestsOf(session.sessionId!).map(request => request.bodyChars)
  }
  const without = await charsOf({})
  const own = await charsOf(bus.launch)
  const added = own.map((chars, i) => chars - without[i]!)
  console.log(`added to a request: ${added.join(', ')} characters`)
  expect(own).toHaveLength(without.length)
  expect(Math.max(...added)).toBeLessThan(2_500)
})
