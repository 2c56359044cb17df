import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { injectedText, sumOf } from '../../src/transports/cli/render/injected.ts'
import { openShell, type Shell } from './support/shell.ts'

describe('what delivery costs', () => {
  let shell: Shell
  beforeEach(async () => {
    shell = await openShell()
  })
  afterEach(() => shell.close())

  it('is shown for each session and in all', async () => {
    const { credential } = await shell.json<{ credential: string }>(['register', 'backend'])
    await shell.json(['register', 'frontend'])
    expect((await shell.run(['sessions'])).stdout).not.toContain('INJECTED')
    expect((await shell.run(['status'])).stdout).toMatch(/^injected +nothing into the contexts of live sessions$/m)

    await shell.json(['publish', 'hello', '--to', 'backend'])
    const client = connect({ env: shell.env, credential })
    const { text } = await client.call('collect', { route: 'prompt hook' })
    await client.call('heartbeat', { rang: 2 })
    await client.close()

    const injected = { chars: text.length, messages: 1, rings: 2 }
    const short = `${text.length} chars/1 msg/2 rings`
    const list = (await shell.run(['sessions'])).stdout.split('\n')
    expect(list[0]).toContain('INJECTED')
    expect(list.find(line => line.startsWith('backend'))).toContain(short)
    expect(list.find(line => line.startsWith('frontend'))).not.toContain('chars')
    const env = { SWITCHBOARD_TOKEN: credential }
    expect((await shell.run(['whoami'], { env })).stdout).toContain(`Injected into its context: ${short}.`)
    expect((await shell.run(['status'])).stdout).toContain(`${short} into the contexts of live sessions`)
    expect(await shell.json(['status'])).toMatchObject({ injected })
  })
})

it('is said in short numbers', () => {
  const said = (chars: number) => injectedText({ chars, messages: 1, rings: 0 })?.text
  expect([1, 999, 1_000, 1_250, 999_949, 999_950, 12_345_678].map(said)).toEqual(
    ['1 char', '999 chars', '1k chars', '1.3k chars', '999.9k chars', '1M chars', '12.3M chars'].map(
      chars => `${chars}/1 msg/0 rings`,
    ),
  )
  expect(injectedText(sumOf([undefined, { chars: 0, messages: 0, rings: 0 }]))).toBeUndefined()
})
