import { skeletonOf } from './skeleton.ts'

/**
 * Codenames: two plain words that a person can say and remember. 202 × 234 pairs; one that is borne already gets a number
 * from 2 on (`amber-fox-2`), so they do not run out.
 */
const ADJECTIVES = `
  able agile airy amber ample apt arctic autumn azure balmy basic bold brave breezy brief bright brisk broad bronze
  calm candid chief civic clean clear clever cobalt cool copper coral cosmic cozy crisp cubic curious daily daring
  dapper deep deft dewy direct dusty eager early earnest easy elder elegant epic equal even exact fair famous fancy
  fast fine firm first fleet fluent fond frank free fresh frosty full gentle giant gilded glad golden good grand
  great green happy hardy hasty hazel honest humble ideal indigo ivory jade jolly jovial keen kind large late lean
  light lively local lofty loyal lucid lucky lunar magic main major mellow merry mighty mild mint misty modest mossy
  neat new nimble noble north novel oaken olive open orange orderly pale patient placid plain plucky polar polite
  prime proud pure quick quiet rapid rare ready real rich ripe robust rosy royal ruby rustic sandy sharp shiny
  silent silver simple sleek smart smooth snowy sober solar solid sonic south spare spry stable steady stellar still
  stout sturdy sunny super sure swift tall tame tawny tender tidy topaz tough tranquil true trusty upbeat urban
  valid vast velvet vivid warm wary west whole wild willing winter wise witty worthy young zesty
`
  .trim()
  .split(/\s+/)

const NOUNS = `
  acorn albatross alder alpaca anchor ant antler apple arch aspen aster auk badger bamboo basil bat bay beacon bear
  beaver bee beetle birch bison bloom boar bobcat bramble bridge brook buck buffalo bunting camel canyon caribou
  cedar cherry cicada cliff cloud clover cobra comet condor coral cougar crab crane creek cricket crow curlew
  cypress dahlia daisy deer delta dingo dolphin dove dragon drake duck dune eagle echo eel egret elk elm ember emu
  falcon fawn fern ferret fig finch fir fjord flame flint fox frog galaxy gannet garnet gazelle gecko gibbon ginger
  glacier goose grove grouse gull harbor hare harrier hawk hazel heron hickory hornet horse hound ibex ibis iguana
  iris island jackal jaguar jasper jay juniper kelp kestrel kite kiwi koala lagoon lark laurel lemming lemur lily
  linden lion lizard llama lotus lynx magpie mallard mango maple marlin marmot marten meadow meteor mink mole moose
  moth mule myrtle narwhal nebula newt oak ocelot orca orchid oriole osprey otter owl oyster panda panther parrot
  peach pear pebble pelican pepper perch pike pine plover plum pony poplar poppy prairie puffin puma quail quartz
  rabbit raccoon raven reef ridge river robin rook rose salmon sequoia seal shark shrew skunk sloth sparrow spruce
  squid stag star starling stoat stork summit swan tapir teal tern thistle thrush tiger toad trex trout tulip tundra
  turtle valley viper vole walnut walrus weasel whale willow wolf wombat wren yak yew zebra
`
  .trim()
  .split(/\s+/)

/** Draws a codename; `random` gives numbers in [0, 1). */
export function drawCodename(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)]
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}`
}

let looks: { readonly adjectives: ReadonlySet<string>; readonly nouns: ReadonlySet<string> } | undefined

/** Whether a text is, or looks like, a codename that some session has or may get. */
export function looksLikeCodename(text: string): boolean {
  looks ??= { adjectives: new Set(ADJECTIVES.map(skeletonOf)), nouns: new Set(NOUNS.map(skeletonOf)) }
  const [adjective = '', noun = '', number, ...rest] = skeletonOf(text).split('-')
  if (rest.length > 0 || !looks.adjectives.has(adjective) || !looks.nouns.has(noun)) return false
  return number === undefined || LOOK_OF_A_NUMBER.test(number)
}

/** Digits as `skeletonOf` has them. No codename ends with 1. */
const LOOK_OF_A_NUMBER = /^(?!l$)[ol2-9]+$/
