import { describe, expect, it } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import type { HubLink } from '../../src/session/hub-link.ts'
import { createLetters } from '../../src/session/letters.ts'
import { createMailbox } from '../../src/session/mailbox.ts'

const AWAY = new BusError('hub_unavailable', 'the hub is away')

interface Input {
  read?: { events: number[] }
  events?: number[]
  begun?: boolean
}

/** Letters whose hub offers one event after the other, and is away for the calls that `isAway` names, in order. */
function begun(isAway: (deed: string) => boolean = () => false) {
  const deeds: string[] = []
  const keys: (string | undefined)[] = []
  const answers = new Map<string | undefined, number>()
  let lastEvent = 0
  const link = {
    async ask(name: string, input: Input, { key }: { key?: string } = {}) {
      const events = input.read?.events ?? input.events
      const read = events === undefined || events.length === 0 ? '' : `, read ${events}`
      const deed = `${name}${read}${input.begun ? ', begun' : ''}`
      if (name === 'collect') keys.push(key)
      // What it was asked it may have done, though nobody hears of it.
      if (name === 'collect' && !answers.has(key)) answers.set(key, ++lastEvent)
      const away = isAway(deed)
      deeds.push(away ? `${deed}: away` : deed)
      if (away) throw AWAY
      const event = answers.get(key)
      return { text: `letter ${event}`, events: [event], rings: true, pending: 0, urgent: false, newest: event }
    },
  } as unknown as Pick<HubLink, 'ask'>
  const letters = createLetters({
    link,
    mailbox: createMailbox(),
    onLate: () => undefined,
    onRenewed: () => undefined,
    log: () => undefined,
  })
  const move = async () => void deeds.push('offer again')
  return { letters, deeds, keys, move }
}

const once = (wanted: string) => {
  let isLeft = true
  return (deed: string) => {
    const isIt = isLeft && deed === wanted
    if (isIt) isLeft = false
    return isIt
  }
}

type Begun = ReturnType<typeof begun>['letters']

const take = async (letters: Begun, boundaries = 0) => (await letters.take('prompt hook', { boundaries })).text
const deed = (letters: Begun) => letters.sign('PreToolUse', { isBoundary: false })
const boundary = (letters: Begun) => letters.sign('PostToolBatch', { isBoundary: true })

describe('proof of reading', () => {
  it('is a deed after letters were shown, and goes along with the next lease', async () => {
    const { letters, deeds } = begun()
    expect(await take(letters)).toBe('letter 1')
    expect(letters.isUnproved).toBe(true)
    deed(letters)
    expect(letters.isUnproved).toBe(false)
    expect(await take(letters)).toBe('letter 2')
    deed(letters)
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['collect', 'collect, read 1', 'settle, read 2'])
  })

  it('of what was put beside a running turn waits for the end of the batch, and holds nothing else up', async () => {
    const { letters, deeds } = begun()
    await take(letters)
    await take(letters, 1)
    letters.given([77, 78], { boundaries: 1 })
    deed(letters)
    letters.settle()
    await letters.settled()
    boundary(letters)
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['collect', 'collect', 'settle, read 1'])
    deed(letters)
    letters.settle()
    await letters.settled()
    expect(deeds.at(-1)).toBe('settle, read 2,77,78')
  })

  it('names what was shown and nothing that a lease may have brought meanwhile', async () => {
    const { letters, deeds, keys } = begun(once('collect, read 1'))
    await take(letters)
    deed(letters)
    expect(await take(letters)).toBe('')
    letters.settle()
    await letters.settled()
    expect(await take(letters)).toBe('letter 2')
    expect(deeds).toEqual(['collect', 'collect, read 1: away', 'settle, read 1', 'collect, read 1'])
    expect(keys[2]).toBe(keys[1])
    expect(keys[1]).not.toBe(keys[0])
  })

  it('that the hub did not hear is told again', async () => {
    const { letters, deeds } = begun(once('settle, read 1'))
    await take(letters)
    deed(letters)
    letters.settle()
    await letters.settled()
    letters.settle()
    await letters.settled()
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['collect', 'settle, read 1: away', 'settle, read 1'])
  })
})

describe('letters of a context that is no more', () => {
  it('are offered again once the hub has heard which were read, though it was away when it was told', async () => {
    const { letters, deeds, move } = begun(once('settle, read 1'))
    await take(letters)
    deed(letters)
    letters.settle()
    await letters.settled()
    await take(letters)
    letters.renew(move)
    await letters.settled()
    expect(deeds).toEqual(['collect', 'settle, read 1: away', 'collect, read 1', 'offer again'])
  })

  it('are offered again without a proof where nothing was read', async () => {
    const { letters, deeds, move } = begun()
    await take(letters, 1)
    letters.renew(move)
    await letters.settled()
    deed(letters)
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['collect', 'offer again'])
  })
})

describe('an answer that nobody heard', () => {
  it('is offered again at once where nothing else is before the agent', async () => {
    const { letters, deeds, move } = begun()
    await take(letters)
    letters.unheard('hook', move)
    await letters.settled()
    expect(deeds).toEqual(['collect', 'offer again'])
  })

  it('is offered again after the proof of what else is before the agent', async () => {
    const { letters, deeds, move } = begun()
    await take(letters)
    letters.asks()
    letters.given([77], { boundaries: 1 })
    letters.unheard('inbox', move)
    await letters.settled()
    expect(deeds).toEqual(['collect'])
    deed(letters)
    await letters.settled()
    expect(deeds).toEqual(['collect', 'settle, read 1', 'offer again'])
  })

  it('of a tool that was cancelled before it came takes nothing from what an earlier one brought', async () => {
    const { letters, deeds, move } = begun()
    letters.asks()
    letters.given([77], { boundaries: 1 })
    letters.asks()
    letters.unheard('inbox', move)
    boundary(letters)
    deed(letters)
    await letters.settled()
    expect(deeds).toEqual(['settle, read 77', 'offer again'])
  })
})

describe('what has begun', () => {
  it('is told once, until there is something more to answer', async () => {
    const { letters, deeds } = begun()
    for (let i = 0; i < 3; i++) {
      letters.begins('work')
      letters.settle()
      await letters.settled()
    }
    expect(deeds).toEqual(['settle, begun'])
    await take(letters)
    deed(letters)
    letters.begins('work')
    letters.settle()
    await letters.settled()
    expect(deeds.slice(1)).toEqual(['collect', 'settle, read 1, begun'])
  })

  it('goes along with the next question for letters, and before what that brings', async () => {
    const { letters, deeds } = begun()
    letters.begins('person')
    await take(letters)
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['collect, begun'])
  })

  it('is told again where the hub did not hear it', async () => {
    const { letters, deeds } = begun(once('settle, begun'))
    letters.begins('work')
    letters.settle()
    await letters.settled()
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['settle, begun: away', 'settle, begun'])
  })

  it('by work is not told while letters are on their way that the agent has not seen', async () => {
    const { letters, deeds } = begun()
    const taking = take(letters)
    letters.begins('work')
    await taking
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['collect'])
    letters.begins('work')
    letters.settle()
    await letters.settled()
    expect(deeds).toEqual(['collect', 'settle, begun'])
  })
})

describe('a digest', () => {
  interface Answer {
    letters?: number
    told: number
    more?: boolean
    newest?: number
    /** False where the hub cannot know it. */
    newestUrgent?: number | false
    text?: string
  }

  /** A hub with these answers, one for each question: letters and how many messages its digest tells of. */
  function hubWith(...answers: Answer[]) {
    let questions = 0
    const mailbox = createMailbox()
    const link = {
      async ask() {
        const { letters = 0, told, more = false, ...says } = answers[questions++]!
        const events = Array.from({ length: letters }, (_, i) => 100 * questions + i)
        const newest = says.newest ?? letters + told
        const newestUrgent = says.newestUrgent ?? newest
        return {
          text: says.text ?? `${letters} letters, ${told} in the digest`,
          events,
          pending: told,
          more,
          urgent: true,
          rings: letters > 0,
          newest,
          ...(newestUrgent === false ? {} : { newest_urgent: newestUrgent }),
        }
      },
    } as unknown as Pick<HubLink, 'ask'>
    const quiet = () => undefined
    const letters = createLetters({ link, mailbox, onLate: quiet, onRenewed: quiet, log: quiet })
    return {
      letters,
      mailbox,
      asked: () => questions,
      prompt: async () => (await letters.take('prompt hook', { boundaries: 0 })).text,
      stop: async () => (await letters.take('stop hook', { isRound: true, boundaries: 0 })).text,
    }
  }

  it('that grows by quiet mail is no news for the end of a turn and rings nobody', async () => {
    const { prompt, mailbox } = hubWith({ told: 2 }, { told: 3 })
    await prompt()
    expect(mailbox.mayHaveUrgentNews).toBe(false)
    mailbox.arrived({ id: 3, urgency: 'quiet' })
    expect(mailbox.mayHaveNews).toBe(true)
    expect(mailbox.mayHaveUrgentNews).toBe(false)
    mailbox.asking()({ unread: 3, urgent: true, newest: 3 })
    expect(mailbox.mayHaveUrgentNews).toBe(false)
    mailbox.arrived({ id: 4, urgency: 'now' })
    expect(mailbox.mayHaveUrgentNews).toBe(true)
    mailbox.asking()({ unread: 2, urgent: true, newest: 4 })
    mailbox.arrived({ id: 5, urgency: 'quiet' })
    expect(mailbox.mayHaveUrgentNews).toBe(false)
  })

  it('is told once a turn at its end; what grew of it rings, and comes with the next prompt', async () => {
    const { prompt, stop, letters, mailbox } = hubWith({ told: 1 }, { told: 2 }, { told: 3 }, { told: 3 })
    expect(await stop()).toBe('0 letters, 1 in the digest')
    for (let told = 2; told <= 3; told++) {
      mailbox.arrived({ id: told, urgency: 'now' })
      expect(await stop()).toBe('')
      expect(letters.late).toEqual({ messages: 0, rings: true })
    }
    letters.turnEnded()
    expect(await prompt()).toBe('0 letters, 3 in the digest')
    expect(letters.late).toBeUndefined()
    expect(await stop()).toBe('')
  })

  it('that was told beside letters costs no round of its own, and keeps no letter from the next', async () => {
    const { prompt, stop, mailbox } = hubWith({ letters: 1, told: 1 }, { letters: 1, told: 1, newest: 3 })
    expect(await prompt()).toBe('1 letters, 1 in the digest')
    expect(mailbox.mayHaveUrgentNews).toBe(false)
    mailbox.arrived({ id: 3, urgency: 'now' })
    expect(await stop()).toBe('1 letters, 1 in the digest')
  })

  const given = [
    { where: 'beneath letters, where more might fit', answer: { letters: 1, told: 14, more: true } },
    { where: 'beneath letters', answer: { letters: 1, told: 14 } },
    { where: 'alone, where more might lie behind', answer: { told: 14, newest: 15, more: true } },
  ]
  for (const { where, answer } of given) {
    for (const newestUrgent of [15, false as const]) {
      const how = newestUrgent === false ? ', though the hub cannot name the newest' : ''
      it(`that was told ${where} is no news when it comes again${how}, whatever its words`, async () => {
        const again = { told: 14, newest: 99, newestUrgent, more: true, text: '14 in the digest, a minute old' }
        const { prompt, stop, letters, mailbox } = hubWith({ ...answer, newestUrgent }, again, again)
        for (let id = 1; id <= 15; id++) mailbox.arrived({ id, urgency: 'now' })
        expect(await prompt()).not.toBe('')
        letters.turnEnded()
        expect(await stop()).toBe('')
        expect(letters.late).toBeUndefined()
        expect([mailbox.mayHaveNews, mailbox.mayHaveUrgentNews]).toEqual([false, false])
        expect(await prompt()).toBe('')
      })
    }
  }

  it('with as many as before, one of which is new, is news', async () => {
    const first = { letters: 1, told: 2, newest: 3, newestUrgent: 2 }
    const { prompt, stop, letters } = hubWith(first, { told: 2, newest: 9, newestUrgent: 8 })
    await prompt()
    letters.turnEnded()
    expect(await stop()).toBe('0 letters, 2 in the digest')
  })
})
