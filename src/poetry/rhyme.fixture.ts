/** Pairs of words judged by ear and by hand (General American), not by the dictionary: `a/b`. */

const pairs = (text: string): [string, string][] =>
  text
    .trim()
    .split(/\s+/)
    .map((pair) => pair.split('/') as [string, string]);

/** Full rhymes: masculine, feminine, archaic, elided, possessive. */
export const PERFECT = pairs(`
  night/light night/bright light/delight day/away day/weigh day/grey stay/they sea/me thee/free tree/flee be/key
  sky/high eye/die sigh/fly why/lie though/go know/woe snow/below blow/foe slow/toe bough/now cow/plough brow/allow
  too/blue dew/view through/true shoe/knew two/grew heart/part art/start apart/dart bird/word heard/stirred third/absurd
  love/dove above/glove shove/of breath/death saith/death head/dead bed/said red/fled instead/thread lead/shed
  rain/plain again/men again/pain reign/vein chain/lane sustain/grain stone/alone moan/grown throne/known bone/loan
  rose/those close/knows nose/froze goes/suppose toes/prose eyes/skies rise/flies prize/lies wise/cries surprise/sighs
  deep/sleep weep/keep steep/heap creep/leap time/rhyme climb/chime prime/sublime lime/thyme dream/stream
  seem/gleam team/scheme beam/theme fire/desire higher/fire lyre/choir tire/briar hour/flower power/tower shower/our
  hear/near dear/tear here/year fear/clear cheer/pier air/fair care/where there/stare bear/hair heir/share prayer/there
  war/more door/store shore/roar four/pour before/oar soar/core star/far are/car bar/ajar guitar/scar
  song/long wrong/strong among/tongue young/sung hung/flung sprung/rung king/sing spring/bring wing/thing
  hand/land stand/sand band/grand command/planned end/friend send/bend mend/spend wind/sinned find/mind kind/behind
  blind/signed gold/old cold/told hold/rolled bold/soul'd child/wild smiled/mild field/shield yield/healed
  world/curled hurled/furled sound/ground round/found bound/crowned mound/drowned out/doubt shout/about
  mouth/south truth/youth tooth/booth earth/birth worth/mirth both/oath growth/loath path/wrath
  face/place grace/space race/case embrace/chase peace/cease fleece/increase ice/twice voice/choice
  fall/all call/small wall/crawl shawl/tall hill/still will/until fill/ill well/tell bell/farewell shell/dwell
  full/wool pull/bull school/cool rule/pool soul/whole roll/coal goal/hole
  make/wake break/lake ache/sake shake/mistake speak/week seek/weak cheek/peak like/strike look/book took/brook
  dark/lark spark/mark park/arc walk/talk chalk/hawk luck/stuck black/back track/lack sick/quick
  boat/note coat/wrote float/throat hate/wait gate/late fate/great weight/plate feet/sweet meet/heat beat/complete
  foot/put root/fruit flute/suit hot/forgot not/spot caught/thought bought/taught brought/fought out/route
  best/rest breast/west guest/confessed nest/pressed first/burst worst/cursed thirst/rehearsed dust/trust must/just
  lost/crossed frost/tossed most/ghost host/coast past/last vast/cast fast/passed list/kissed
  ever/never river/quiver feather/weather together/leather mother/brother other/another summer/drummer
  glory/story morning/warning sorrow/borrow follow/hollow fallow/shallow willow/pillow yellow/mellow
  motion/ocean nation/station passion/fashion vision/decision treasure/pleasure measure/leisure
  singing/bringing flying/dying weeping/sleeping falling/calling dreaming/streaming sighing/crying
  lighter/brighter winter/splinter water/daughter silver/quicksilver sunny/honey money/bunny
  pretty/city pity/witty duty/beauty many/penny very/merry fairy/airy weary/dreary lady/shady
  battle/cattle table/able bottle/throttle candle/handle gentle/mental single/jingle
  heaven/seven given/driven open/token broken/spoken golden/olden garden/harden fountain/mountain
  o'er/more ne'er/fair e'er/care 'twas/was heav'n/sev'n giv'n/driv'n
  walk'd/talk'd lov'd/shov'd bless'd/rest dropp'd/stopp'd night's/light's rose's/nose's
  tenderly/slenderly sensation/creation eternity/fraternity tomorrow/sorrow remember/december
  despair/fair repair/somewhere mankind/refined unkind/inclined forsake/awake forgive/live
`);

/** Near rhymes: related vowels before the same consonants, the same vowel before related ones, weak last syllables. */
export const NEAR = pairs(`
  love/prove love/move above/grove come/home gone/alone one/stone done/on blood/good flood/stood
  war/far warm/harm eternity/sea memory/me liberty/thee misery/be melody/free harmony/tree
  rain/came time/mine home/stone dream/seen moon/gloom name/plain wide/bright made/late
  deep/feet bed/get good/foot love/enough breath/less this/with
  sun/come moon/room road/coat wood/food father/gather cover/over
`);

/** The same word, or words that sound the same. */
export const IDENTICAL = pairs(`
  night/night night/knight sea/see their/there here/hear one/won two/too right/write sun/son made/maid
  hour/our blue/blew rain/reign heart/Heart eye/I weak/week no/know new/knew threw/through way/weigh
  dear/deer fair/fare flower/flour tale/tail bare/bear peace/piece whole/hole rode/road some/sum steel/steal mist/missed
`);

/** No rhyme, though some look alike. */
export const NONE = pairs(`
  night/day sea/sky love/heart moon/tree rose/light star/wind song/dream stone/river fire/snow hill/bird
  though/tough cough/bough through/though dough/rough laughter/daughter come/stay give/dive have/gave
  bead/dead break/creak speak/steak here/there heard/beard horse/worse word/sword cord/work
  low/how grow/brow know/now tomb/bomb comb/womb do/go to/no said/paid says/days
  great/threat sweat/heat death/heath breath/beneath bury/fury friend/fiend sew/few shoe/toe
  winter/summer morning/evening golden/silver heaven/ocean mother/father sorrow/gladness river/mountain
  spring/leaf autumn/fall ship/shore wave/foam cloud/sun grass/flower bell/ring bread/wine
  hand/foot face/eyes voice/ear blood/bone breath/soul child/mother king/queen house/door
  road/path garden/gate window/wall candle/flame shadow/light silence/sound memory/dream hope/fear joy/grief
  walk/run sing/speak weep/smile sleep/wake fly/fall rise/set give/take find/lose live/die
  dark/bright cold/warm old/young deep/high soft/loud sweet/sour true/false strong/weak
  away/again begin/began desire/despair forget/forgive remember/return embrace/escape
  yesterday/tomorrow forever/forgotten together/alone beautiful/terrible quietly/slowly
  running/runner singer/singing lonely/lovely happy/happen gentle/gently
  cat/dog apple/orange table/chair paper/pencil music/magic island/desert diamond/pearl
  england/ireland april/august seven/nine hundred/thousand
  night/nine day/date sea/seed love/lump heart/harm moon/moth rose/road light/lilt star/stab wind/wing
  song/sob dream/drum stone/stop fire/fight hill/hilt bird/burn
  o'er/ever ne'er/never 'tis/'twas walk'd/walking bless'd/blessing heav'n/haven thee/thou thine/thy hath/had
  day/night sky/sea heart/love tree/moon me/my they/them you/your we/us
  brown/bone clown/clone gown/gone town/tone frown/phone
  crown/stone pound/pond round/rend mind/mend band/bind
  glory/gloria story/storm worry/sorry
  pleasure/pressure nature/mature treasure/creature ocean/open motion/moment nation/native
  castle/muscle whistle/thistledown battle/bottle middle/muddle
`);
