import { expect, it } from 'vitest'
import { MAX_HOPS } from '../../src/bus/loops.ts'
import { scripted, switchboard } from './support/scripted.ts'

type One = Awaited<ReturnType<typeof scripted>>

const OWN = { tool_name: 'mcp__plugin_switchboard_bus__publish' }

/** What an agent does between reading and answering, as its hooks tell. */
const deeds: Record<string, (one: One) => Promise<unknown>> = {
  'talks only': one => one.hook('PreToolUse', OWN),
  'looks for a tool to talk with': async one => {
    await one.hook('PostToolBatch', { tools: 'ToolSearch' })
    await one.hook('PreToolUse', OWN)
  },
  'is woken by a machine': one =>
    one.hook('UserPromptSubmit', { prompt: '<task-notification>done</task-notification>' }),
  'runs its tests': async one => {
    await one.hook('PreToolUse', { tool_name: 'Bash', command: 'npm test' })
    await one.hook('PostToolBatch', { tools: 'Bash' })
  },
  'reads a file': one => one.hook('PostToolBatch', { tools: 'Read' }),
  'has a subagent that edits': one =>
    one.hook('PreToolUse', { agent_id: 'a1', tool_name: 'Edit', file_path: '/srv/none/x.ts' }),
  'is prompted by its user': one => one.hook('UserPromptSubmit', { prompt: 'answer it' }),
}

it.each([
  ['talks only', true],
  ['looks for a tool to talk with', true],
  ['is woken by a machine', true],
  ['runs its tests', false],
  ['reads a file', false],
  ['has a subagent that edits', false],
  ['is prompted by its user', false],
])('a session that %s before each answer is held: %s', async (deed, isHeld) => {
  const bus = await switchboard()
  const [one, two] = [await scripted(bus, { id: 'one' }), await scripted(bus, { id: 'two' })]
  await one.hook('UserPromptSubmit', { prompt: 'thank two' })
  let sent = await one.tool('publish', { to: two.name, text: 'thanks' })
  let said = 1
  for (; said <= MAX_HOPS + 3 && sent.held === undefined; said++) {
    const [me, other] = said % 2 === 1 ? [two, one] : [one, two]
    expect(await me.prompted()).toContain('thanks')
    await deeds[deed]!(me)
    sent = await me.tool('publish', { to: other.name, text: 'thanks' })
    await me.hook('PostToolBatch', { tools: OWN.tool_name })
    await me.hook('Stop')
  }
  if (isHeld) expect(sent.held).toContain('9 hops')
  else expect(sent).not.toHaveProperty('held')
  expect(said).toBe(isHeld ? MAX_HOPS + 2 : MAX_HOPS + 4)
})
