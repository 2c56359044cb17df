import { LOOK_ALIKES } from './look-alikes.ts'

let lookAlikes: Map<string, string> | undefined

/**
 * What a text looks like, to tell whether two can be mistaken for each other: without case and accents, with all that
 * looks like a Latin letter, a digit or a sign of an address as that one (see `look-alikes.ts`). It is for comparing
 * only, after the `skeleton` of UTS #39. Character by character: the skeleton of two texts is that of both together.
 */
export function skeletonOf(text: string): string {
  const plain = text.normalize('NFKD').replace(ACCENTS, '')
  return ASCII.test(plain) ? folded(plain.toLowerCase()) : Array.from(plain, look).join('')
}

const ASCII = /^[\0-\x7f]*$/

/** Marks that any script may have. Others are letters of their scripts, and two texts that differ in one are two. */
const ACCENTS = /\p{Script=Inherited}/gu

/** The table has on each line what its characters look like, and then their code points. */
function readLookAlikes(): Map<string, string> {
  return new Map(
    LOOK_ALIKES.trim()
      .split('\n')
      .flatMap(line => {
        const [like = '', ...points] = line.trim().split(' ')
        return points.map(point => [String.fromCodePoint(Number.parseInt(point, 16)), like] as const)
      }),
  )
}

function look(char: string): string {
  lookAlikes ??= readLookAlikes()
  const lower = char.toLowerCase()
  return folded(lookAlikes.get(char) ?? lookAlikes.get(lower) ?? lookAlikes.get(char.toUpperCase()) ?? lower)
}

function folded(lower: string): string {
  return lower.replace(/[01i|mwd]/g, char => FOLDS[char] ?? char)
}

/** What UTS #39 says of ASCII (0 O, 1 I l |, m rn), and what its authors left to the reader's good eyes. */
const FOLDS: Readonly<Record<string, string>> = { 0: 'o', 1: 'l', i: 'l', '|': 'l', m: 'rn', w: 'vv', d: 'cl' }
