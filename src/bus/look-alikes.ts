/**
 * Characters that look like others, by what they look like: of Unicode 17.0.0's confusables.txt (UTS #39; © Unicode, Inc.,
 * Unicode License v3) those that look like Latin letters, digits or the signs of an address, in lower case and without
 * accents. Written by scripts/confusables.mjs; a library with the whole table is 100 kB and of 2020.
 */
const TABLE = `
  , 60d 66b 201a a4f9
  - 2d7 6d4 2010 2012 2013 2043 2212 2238 2796 2a29 2a2a 2cb2 2cb3 2cba 2cbb 2e1a
  10 23e8
  2 1a7 1bb 3e8 14bf a644 a6ef a75a
  3 1b7 21c 417 498 4e0 969 ae9 2c9c 2cc4 2ccc a76a a7ab 118ca 16f3b 1d206
  4 13ce 118af
  5 1bc 118bb
  6 3ec 431 13ee 2cd2 2cd3 2cdc 118d5
  7 104d2 118c6 1d212
  8 222 223 9ea a6a b03 1031a 1e8cb
  9 9ed a67 b68 d6d 2cca 2ccb a76e 118ac 118cc 118d6
  : 2d0 2f8 589 5c3 703 704 903 a83 16ec 1803 1809 205a 2236 a4fd a789 11dd9
  _ 7fa
  a 251 391 3b1 410 430 13aa 15c5 1d00 2376 237a a4ee ab7a 102a0 16f40 1f150 1f170 1f1e6
  aa a732 a733
  ae c6 e6 4d4 4d5
  ao a734 a735
  ar 1f707
  au a736 a737
  av a738 a739 a73a a73b
  ay a73c a73d
  b 180 182 183 184 253 299 392 411 412 42c 432 462 463 48c 48d 13cf 13f4 13fc 1472 1473 15af 15f7 2c82 2c83 a4d0 a7b4
  b 10282 102a1 10301 16eb6 1f151 1f171 1f1e7
  bl 42b
  c a2 23c 421 441 4aa 4ab 1004 105a 13df 1d04 20a1 2ca4 2ca5 a4da abaf 102a2 10302 10415 1043d 1051c 118e9 118f2
  c 1f152 1f16e 1f172 1f1e8 1f74c
  d d0 110 111 189 18c 256 257 501 13a0 13e7 146f 15de 15ea 1d05 20ab a4d2 a4d3 ab70 1f153 1f173 1f1e9
  dz 2a3
  e 246 247 395 415 435 4bd 4be 4bf 13ac 1d07 212e 22ff 2d39 a4f0 ab32 ab7c 10286 118a6 118ae 1f154 1f174 1f1ea
  f 191 192 3dc 584 15b4 1d6e 1e9d 20bd 2cc0 2ce8 a4dd a730 a798 a799 ab35 101a0 10287 102a5 10525 118a2 118c2 1d213
  f 1f155 1f175 1f1eb
  fn 2a9
  g 18d 1e4 1e5 260 261 262 50c 50d 581 13c0 13f3 13fb 1d83 a4d6 ab90 1f156 1f176 1f1ec
  h 126 127 266 29c 397 41d 43d 45b 4a2 4a3 4bb 4c7 4c8 4c9 4ca 570 13bb 13c2 13f2 157c 2c67 2c8e 2c8f a4e7 a695 ab8b
  h 102cf 104cd 1f157 1f177 1f1ed
  i 131 268 269 26a 3b9 456 582 13a5 1d7b 1d7c 2373 2378 2c93 a647 ab75 118c3 1f158 1f178 1f1ee
  j 248 249 37f 3f3 408 458 13ab 148d 1d0a a4d9 a7b2 ab7b 1f159 1f179 1f1ef
  k 199 39a 41a 49a 49e 13e6 16d5 1d0b 20ad 2c69 2c94 a4d7 a740 10518 1f15a 1f17a 1f1f0
  l 141 142 196 197 19a 1c0 26b 26d 29f 399 406 4c0 4cf 5c0 5d5 5df 625 627 661 673 6f1 7ca 13de 14aa 16c1 2223 23fd
  l 2c92 2cd0 2cd1 2d4f a4e1 a4f2 abae 1028a 10309 10320 1041b 10443 10526 118a3 118b2 11dda 11de1 16eaa 16f16 16f28
  l 1d22a 1e8c7 1f15b 1f17b 1f1f1
  ll 1c1 5f0 2016 2225 10199
  lls 10198
  lo 42e
  ls 2aa
  lt 20b6
  lz 2ab
  m 39c 3fa 41c 4cd 13b7 15f0 16d6 1d0d 2c98 a4df 102b0 10311 1f15c 1f17c 1f1f2
  mb 1f76b
  n 14b 19d 19e 273 274 39d 3b7 572 578 57c 1260 144e 1d70 2229 22c2 2c9a 2c9b a4e0 a4f5 1018e 10513 1d245 1f15d 1f17d
  n 1f1f3
  o d8 f8 19f 1fe 275 398 39f 3b8 3bf 3c3 3ed 41e 43e 472 473 4e8 4e9 555 585 5e1 647 665 6be 6c1 6c2 6d5 6f5 6ff 7c0
  o 966 9e6 a66 ae6 b20 b66 be6 c02 c66 c82 ce6 d02 d20 d66 d82 e50 ed0 101d 1040 10ff 12d0 13be 13eb 17e0 1d0f 1d11
  o 2296 229d 236c 2c90 2c91 2c9e 2c9f 2d31 2d41 2d54 3007 a4f3 a74a a74b ab3d ab3e ab74 ab8e abbb 10292 102ab 10404
  o 1042c 104c2 104ea 10516 114d0 118b5 118c8 118d7 118e0 11de0 1d21a 1f15e 1f17e 1f1f4 1f714
  oe 152 153 276
  oo 221e a698 a699 a74e a74f
  p fe 1a5 1bf 3a1 3c1 3f7 3f8 420 440 13e2 146d 1d18 1d29 1d7d 2374 2ca2 2ca3 2cce 2ccf a4d1 abb2 10295 104c4 1f15f
  p 1f17f 1f1f5
  q 2a0 51b 563 566 2d55 a7af 1f160 1f180 1f1f6
  qe 1f700
  r 1a6 24d 27c 27d 280 433 493 13a1 13d2 1587 1d26 1d72 2c85 a4e3 ab47 ab48 ab71 ab81 aba2 104b4 16f35 1d216 1f161
  r 1f181 1f1f7
  rn 271 1d6f 20a5 11700 118e3
  s 1bd 282 405 455 54f d1f 13d5 13da 1d74 a4e2 a731 abaa 10296 10420 10448 118c1 16f3a 1f162 1f182 1f1f8
  sss 1f75c
  t 166 167 1ad 1ae 23e 3a4 3c4 422 442 4ac 4ad 13a2 1d1b 1d75 20ae 22a4 2361 27d9 2ca6 2ca7 a4d4 ab72 10297 102b1
  t 10315 118bc 16f0a 1f163 1f183 1f1f9 1f768
  t3 a728
  tf a777
  ts 2a6
  u 244 28b 3c5 45f 54d 57d 1200 13cc 144c 1d1c 1d7e 222a 22c3 a4f4 a79f ab4e ab52 ab9c 104ce 104f6 118b8 118d8 16f42
  u 1f164 1f184 1f1fa
  ue 1d6b
  uo ab63
  v 3bd 474 475 5d8 667 6f7 13d9 142f 1d20 2228 22c1 2d38 a4e6 a6df aba9 10197 1051d 11706 118a0 118c0 16f08 1d20d
  v 1f165 1f185 1f1fb 1f708
  vb 1f76c
  w 26f 448 461 51c 51d 561 13b3 13c7 13d4 15ef 1d21 20a9 2cbc 2cbd a4ea a761 ab83 114c5 1170a 1170e 1170f 118e6 118ef
  w 1d222 1f166 1f186 1f1fc
  x d7 3a7 425 445 4b2 1541 157d 166d 166e 16b7 2573 292b 292c 2a2f 2a30 2cac 2d5d a4eb a7b3 10196 10290 102b4 10317
  x 10322 10527 118ec 1f167 1f187 1f1fd
  y a5 1b4 24e 24f 263 28f 3a5 3b3 413 423 443 492 4ae 4af 4b0 4b1 10e7 13a9 13b1 13bd 14a5 1d8c 1eff 2c84 2ca8 2ca9
  y a4ec ab5a 102b2 118a4 118dc 16f07 16f43 1f168 1f188 1f1fe
  z 1b5 1b6 224 225 290 396 13c3 1d22 1d76 a4dc ab93 102f5 118a9 118c4 118e5 1f169 1f189 1f1ff
`

/** What each of these characters looks like. */
export function readLookAlikes(): Map<string, string> {
  return new Map(
    TABLE.trim()
      .split('\n')
      .flatMap(line => {
        const [like = '', ...points] = line.trim().split(' ')
        return points.map(point => [String.fromCodePoint(Number.parseInt(point, 16)), like] as const)
      }),
  )
}
