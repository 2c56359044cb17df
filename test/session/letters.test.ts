import { expect, it } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import type { HubLink } from '../../src/session/hub-link.ts'
import { createLetters } from '../../src/session/letters.ts'
import { createMailbox } from '../../src/session/mailbox.ts'

const LETTER = { text: 'a letter', messages: 1, rings: true, pending: 0, urgent: 0 }
const AWAY = new BusError('hub_unavailable', 'the hub is away')

/** Letters whose hub answers each call as the test says; what it was asked and told is written down in order. */
function begun(answerOf: (name: string, nth: number) => unknown) {
  const deeds: string[] = []
  const keys: unknown[] = []
  const link = {
    async ask(name: string, input: { proof?: string }, { key }: { key?: string } = {}) {
      const nth = deeds.filter(deed => deed.startsWith(name)).length
      const answer = answerOf(name, nth)
      deeds.push(`${name}${input.proof === undefined ? '' : `, ${input.proof}`}${answer === AWAY ? ': away' : ''}`)
      if (name === 'collect') keys.push(key)
      if (answer === AWAY) throw AWAY
      return answer
    },
  } as unknown as Pick<HubLink, 'ask'>
  const letters = createLetters({
    link,
    mailbox: createMailbox(),
    onLate: () => undefined,
    onRenewed: () => undefined,
    log: () => undefined,
  })
  const renewed = () =>
    new Promise<void>(resolve => {
      letters.unheard('inbox', async () => {
        deeds.push('offer again')
        resolve()
      })
    })
  return { letters, deeds, keys, renewed }
}

async function readALetter(letters: ReturnType<typeof createLetters>): Promise<void> {
  expect(await letters.take('prompt hook', { boundaries: 0 })).toBe('a letter')
  letters.sign('PreToolUse', { isBoundary: false })
}

it('the hub hears what was read before it offers the rest again, though it was away when it was told', async () => {
  const { letters, deeds, renewed } = begun((name, nth) => (name === 'settle' && nth === 0 ? AWAY : LETTER))
  await readALetter(letters)
  await renewed()
  expect(deeds).toEqual(['collect', 'settle, PreToolUse hook: away', 'settle, PreToolUse hook', 'offer again'])
})

it('a collect that took the proof along and was not answered is asked to its end before anything is offered again', async () => {
  const { letters, deeds, keys, renewed } = begun((name, nth) => (name === 'collect' && nth === 1 ? AWAY : LETTER))
  await readALetter(letters)
  expect(await letters.take('tool hook', { boundaries: 0 })).toBe('')
  await renewed()
  const collect = 'collect, PreToolUse hook'
  expect(deeds).toEqual(['collect', `${collect}: away`, collect, 'offer again'])
  expect(keys[2]).toBe(keys[1])
  expect(keys[1]).not.toBe(keys[0])
})

it('letters that nobody has read are offered again without a proof', async () => {
  const { letters, deeds, renewed } = begun(() => LETTER)
  expect(await letters.take('prompt hook', { boundaries: 1 })).toBe('a letter')
  letters.renew(async () => void deeds.push('offer again'))
  await letters.settled()
  expect(deeds).toEqual(['collect', 'offer again'])
  await renewed()
  expect(deeds).toEqual(['collect', 'offer again', 'offer again'])
})
