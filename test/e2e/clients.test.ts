import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TerminalSession } from './harness/client.ts'
import { OLDER_CLIENTS } from './harness/fetch-client.ts'
import { script } from './harness/model-script.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

/** What every client that is supported does; the rest of the suite runs on one. Print mode: `print.test.ts`. */
describe.each(OLDER_CLIENTS)('client %s', version => {
  test('joins, is woken when it is idle, and asks before it edits what another session has claimed', async () => {
    await using bus = await Switchboard.create({ version })
    const file = join(bus.sandbox.project, 'schema.sql')
    await writeFile(file, 'old\n')
    const session = await TerminalSession.start(bus.sandbox, { ...bus.launch, permissionMode: 'acceptEdits' })
    await session.prompt('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')

    const { model } = bus.sandbox
    for (const text of ['wake up and rebase', 'and once more']) {
      const after = model.lastSeq
      const id = await peer.publish(name, text)
      const woken = await model.waitForRequest(request => lettersIn(request, text).length > 0, { after })
      expect(lettersIn(woken, text)).toHaveLength(1)
      await bus.receipt(id, name, 'consumed')
      await session.waitForIdle()
    }

    await peer.client.call('claim', { path: 'schema.sql', note: 'adding a column' })
    const read = { tool: 'Read', input: { file_path: file } }
    const edit = { tool: 'Write', input: { file_path: file, content: 'new\n' } }
    await session.submit(script(read, edit, { text: 'edited' }))
    await session.waitForDialog()
    expect(await readFile(file, 'utf8')).toBe('old\n')
    // These clients show no reason with it.
    await session.answerDialog('Enter')
    await session.waitForScreen('● edited')
    expect(await readFile(file, 'utf8')).toBe('new\n')
  })
})
