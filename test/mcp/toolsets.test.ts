import { expect, it } from 'vitest'
import { testHome } from '../client/support/home.ts'
import { session } from './support/session-process.ts'

it('a toolset that is none is what every tool of a session answers with, whose process lives on', async () => {
  const { tool, errors } = await session({ ...(await testHome()).env, SWITCHBOARD_TOOLSETS: 'talk,clams' })
  for (const name of ['whoami', 'list_sessions', 'whoami']) {
    expect(await tool(name)).toMatchObject({
      isError: true,
      error: {
        code: 'invalid_input',
        message: 'SWITCHBOARD_TOOLSETS: expected some of talk, state, claims, got "clams"',
        next: expect.stringContaining('unset it'),
      },
    })
  }
  expect(errors()).toContain('got "clams"')
  expect(errors()).not.toMatch(/\n\s+at /)
})
