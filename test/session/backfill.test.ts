import { expect, it } from 'vitest'
import { scripted, switchboard } from './support/scripted.ts'

it('a session that starts gets the broadcasts of the last hour only where a person talks to it, or as the person says', async () => {
  const bus = await switchboard()
  const peer = await bus.peer('peer')
  await peer.publish('all', 'from before')
  const started = async (id: string, env: Record<string, string>) => {
    const { tool } = await scripted(bus, { id, env })
    const { messages } = await tool('inbox', { peek: true })
    return messages.map(({ text }: { text: string }) => text)
  }
  expect(await started('interactive', { CLAUDE_CODE_ENTRYPOINT: 'cli' })).toEqual(['from before'])
  expect(await started('print', { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' })).toEqual([])
  expect(await started('unwanted', { SWITCHBOARD_BACKFILL_MINUTES: '0' })).toEqual([])
  const wanted = { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli', SWITCHBOARD_BACKFILL_MINUTES: '30' }
  expect(await started('wanted', wanted)).toEqual(['from before'])
})
