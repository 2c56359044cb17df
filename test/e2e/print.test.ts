import { describe, expect, test } from 'vitest'
import { runPrint, StreamSession, TerminalSession } from './harness/client.ts'
import { CLIENT_VERSION, OLDER_CLIENTS } from './harness/fetch-client.ts'
import { lastUserText } from './harness/model-request.ts'
import { script } from './harness/model-script.ts'
import { Switchboard } from './support/switchboard.ts'

/** `rewakes` is refused. As of another client's shell, `cli`: so it is where an agent runs `claude -p` in its terminal. */
const ENVIRONMENTS: Record<string, string>[] = [
  {},
  { SWITCHBOARD_DOORBELL: 'none' },
  { SWITCHBOARD_DOORBELL: 'rewake' },
  { SWITCHBOARD_DOORBELL: 'rewakes' },
  { CLAUDE_CODE_ENTRYPOINT: 'cli' },
]

/** Before 2.1.224 a client has no inbox socket, so the plugin's rewake hook is its best route. */
describe.each([CLIENT_VERSION, ...OLDER_CLIENTS])('client %s', version => {
  test.each(ENVIRONMENTS)('is held up by no hook in print mode, with %j', async env => {
    await using bus = await Switchboard.create({ version })
    expect(await runPrint(bus.sandbox, 'hi', { ...bus.launch, env })).toMatchObject({ code: 0, result: 'heard: hi' })
  })

  test('prints its own answer, whatever mail comes meanwhile', async () => {
    await using bus = await Switchboard.create({ version })
    const { model } = bus.sandbox
    const run = runPrint(bus.sandbox, script({ text: 'the summary', held: true }), bus.launch)
    await model.waitForRequest(request => request.kind === 'main')
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'by the way')
    await model.release()
    expect(await run).toMatchObject({ code: 0, result: 'the summary' })
    await bus.receipt(id, name, 'stored')
  })

  test('is held up by no hook with stream-json, turn after turn', async () => {
    await using bus = await Switchboard.create({ version })
    for (const env of ENVIRONMENTS) {
      const session = StreamSession.start(bus.sandbox, { ...bus.launch, env })
      expect((await session.turn('one')).result).toBe('heard: one')
      expect((await session.turn('two')).result).toBe('heard: two')
      expect(await session.end()).toBe(0)
    }
  })
})

test('a client is held up by no hook in the background', async () => {
  await using bus = await Switchboard.create({ env: { SWITCHBOARD_DOORBELL: 'rewake' } })
  const session = await TerminalSession.start(bus.sandbox, bus.launch)
  await session.prompt('hello')
  await session.submit('/fork go on by yourself')
  await bus.sandbox.model.waitForRequest(request => lastUserText(request).includes('yourself'))
})
