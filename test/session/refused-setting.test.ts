import { expect, it } from 'vitest'
import { testHome } from '../client/support/home.ts'
import { session } from '../mcp/support/session-process.ts'

it.each([
  ['SWITCHBOARD_DOORBELL', 'of', /SWITCHBOARD_DOORBELL: expected some of .*, got "of"/],
  ['SWITCHBOARD_HOME', 'relative/folder', /SWITCHBOARD_HOME/],
])(
  'a refused %s is told to the person once, with the first prompt, and to the agent with each call',
  async (name, value, said) => {
    const home = await testHome()
    const { client } = await session({ ...home.env, CLAUDE_CODE_SESSION_ID: 'one', [name]: value })
    const hook = async (event: string) => {
      const { content } = await client.callTool({ name: 'hook', arguments: { event, session_id: 'one' } })
      return JSON.parse((content as { text: string }[])[0]!.text) as object
    }
    expect(await hook('PreToolUse')).toEqual({})
    expect(await hook('UserPromptSubmit')).toEqual({ systemMessage: expect.stringMatching(said) })
    expect(await hook('UserPromptSubmit')).toEqual({})
    const { isError, content } = await client.callTool({ name: 'whoami', arguments: {} })
    expect(isError).toBe(true)
    expect(JSON.stringify(content)).toMatch(new RegExp(said.source.replaceAll('"', '.*')))
  },
)
