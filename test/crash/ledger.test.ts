import { describe, expect, test } from 'vitest'
import { audit, type Entry, type LoggedEvent, textOf } from './ledger.ts'

const ledger: Entry[] = [
  { publisher: 'a', n: 0, id: 1 },
  { publisher: 'b', n: 0, id: 2 },
  { publisher: 'a', n: 1, id: 3 },
]
const log: LoggedEvent[] = ledger.map(entry => ({ id: entry.id, text: textOf(entry) }))
const clean = { acknowledged: 3, lost: [], duplicateIds: [], repeated: [], outOfOrder: [] }

describe('the audit', () => {
  test('finds nothing in a log that keeps its promises, with unpromised events among them', () => {
    expect(audit(ledger, [...log, { id: 4, text: 'b-1' }])).toEqual(clean)
  })

  test('finds an acknowledged message that is gone', () => {
    expect(audit(ledger, log.slice(0, 2)).lost).toEqual([ledger[2]])
  })

  test('finds a message that stands under another id than was promised', () => {
    const [first, second, third] = log as [LoggedEvent, LoggedEvent, LoggedEvent]
    expect(audit(ledger, [first, second, { ...third, id: 4 }]).lost).toEqual([ledger[2]])
  })

  test('finds an id that was given twice, and one that was promised twice', () => {
    expect(audit(ledger, [...log, { id: 3, text: 'else' }]).duplicateIds).toEqual([3])
    expect(audit([...ledger, { publisher: 'c', n: 0, id: 2 }], log).duplicateIds).toEqual([2])
  })

  test('finds a message that happened twice', () => {
    expect(audit(ledger, [...log, { id: 4, text: 'a-1' }]).repeated).toEqual(['a-1'])
  })

  test("finds a publisher's messages out of order", () => {
    const swapped: Entry[] = [
      { publisher: 'a', n: 0, id: 3 },
      { publisher: 'a', n: 1, id: 1 },
    ]
    expect(audit(swapped, []).outOfOrder).toEqual([swapped[1]])
  })
})
