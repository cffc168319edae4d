#!/usr/bin/env python3
"""The emotion lexicon that generation uses on models without emotion tokens; 8 emotions, about 200 weighted words each.

  python3 make_lexicon.py --corpus corpus/ --out emotion-lexicon.json

Evidence (none of it is the word vectors or the labels from which the training labels and the classifier are made):
  1. a hand-written list for each emotion (HAND);
  2. titles: words over-represented in the poems whose title names the emotion (TITLE), against all other titled poems: log-odds with a
     Dirichlet prior, as z-scores;
  3. coordination: words joined by 'and' / 'or' to a word of the hand-written list more often than chance ("joy and gladness"), which for
     content words is a sign of like meaning.
Only Python and numpy. No third-party lexicon is used.
"""
import argparse, collections, gzip, json, math, os, re

HAND = dict(
    anger="anger angry rage fury wrath hate hatred burn burning fire flame blood storm thunder strike struck fist fight blow curse scorn bitter "
          "fierce furious hot red vengeance revenge iron sword war battle clash roar shout snarl spit teeth tear rip break broken smash wound "
          "enemy foe tyrant traitor insult wild blaze boil seethe rebel defiant defy savage cruel hard hammer venom",
    anticipation="hope wait waiting tomorrow dawn morning soon dream dreaming wish longing yearn eager await road journey horizon door gate threshold "
          "seed bud spring star light ahead onward forward promise ready begin beginning watch window listen coming rise rising sail voyage seek search "
          "quest climb reach future someday almost near approach prepare ripen wing wings open",
    disgust="disgust foul filth filthy rot rotten decay stench stink slime mud muck worm worms maggot rat rats sick sour stale poison vile ugly gross "
          "greed greasy swamp sewer dung spew vomit reek putrid carrion corpse flies leech toad snake scum stain stained dirty unclean mould bloated "
          "loathe contempt shame vulgar corrupt false cheap pus rank",
    fear="fear afraid dread terror horror dark darkness shadow shadows night ghost tremble shiver shudder cold creep creeping haunted scream shriek howl "
         "hide hidden flee run danger doom death grave black pale whisper alone lost trap teeth claw demon devil wolf storm abyss panic "
         "breathless silence footsteps nightmare grim gloom freeze frozen threat hush stalk",
    joy="joy glad happy delight laugh laughing laughter smile smiling sing singing song dance dancing bright sun sunshine light gold golden merry mirth play "
        "spring summer bloom blossom flower flowers bird birds bell bells sweet warm cheer bliss gay leap free kiss feast morning shine shining "
        "sparkle glow music honey blue rejoice",
    sadness="sad sorrow grief weep weeping tears tear cry mourn mourning lonely alone lost gone grave tomb dead death farewell rain grey gray cold winter autumn "
            "fall fallen fade faded empty broken heartbreak ache pain sigh silent silence night dark weary forgotten never nevermore goodbye "
            "left leave leaving wither withered ashes despair regret bury buried loss missing hollow",
    surprise="surprise sudden suddenly wonder strange stranger amaze amazed astonish startled behold miracle marvel magic mystery flash lightning "
             "burst unknown unexpected never unseen secret stare gasp awake woke turn turned spark bolt vision wild discover discovered found appear "
             "appeared vanish vanished riddle portent comet trick enchanted odd curious impossible instant",
    trust="trust faith faithful true truth friend friends friendship hand hands hold home shelter safe rest peace promise vow believe steady strong rock anchor "
          "guard guide keep kept kind kindness gentle loyal honest bond together beside always bless blessing prayer pray harbor harbour mother "
          "father brother sister heart warm hearth root roots oath")
TITLE = dict(
    anger=r"wrath|anger|angry|rage|hate|hatred|revenge|vengeance|curse|defiance|scorn|war|battle|tyrants?|rebels?|quarrel",
    anticipation=r"hope|hopes|waiting|expectation|to-?morrow|morrow|longing|desire|quest|voyage|onward|the coming|promise|expectant|spring's? coming|prophecy|aspiration",
    disgust=r"vice|hypocrite|corruption|filth|satire|glutton\w*|miser|avarice|greed|envy|the worm|worms|slander|drunkard|shame|disgust|contempt|fool|knave",
    fear=r"fear|fears|terror|ghosts?|haunted|dread|spectre|nightmare|horror|demon|witch|witches|phantoms?|shadows?|doom|the storm|tempest|panic",
    joy=r"joy|joys|gladness|mirth|merry|happy|happiness|delight|laughter|may-day|dance|carol|spring song|song of spring|jubilate|holiday|smiles?|cheerfulness|revel",
    sadness=r"sorrow|grief|tears|lament|lamentation|elegy|dirge|mourn\w*|farewell|epitaph|despair|melancholy|weeping|in memoriam|requiem|desolate|regret|loss|lonely",
    surprise=r"wonder|wonders|mystery|strange|stranger|miracle|surprise|magic|vision|marvel|sudden|unexpected|riddle|enchant\w*|apparition|discovery",
    trust=r"faith|trust|friend|friends|friendship|prayer|constancy|fidelity|loyalty|god's|shelter|refuge|truth|true love|saviour|guardian|brother|comfort")
# accidents of the corpus, taken out by hand after reading the result
DROP = set("""foes frown hoof tooth thin tall pick wrong daffodils hither sleeping rose pleasure care beast beasts pen shut oar sit lie knock
thread general thief station named name class cats self boasts blind treasure daughter arm brow knee ear brain country feet food fond frequent
child son youth mine bar tent hearken character quick right sleet flown alive toil kisses hue ice fast front pen rush""".split())
WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
STOP = set("the and of to a in i that my with his is her for he all as on it but thy you not she from me by thou be this their they so at we when or like no was which "
           "are your what our who then o him have shall will there where were one thee if its has had more now up how an out do them can am us did does than may would "
           "should could must let here too very such some any each every these those into upon oh ah ye hath doth art hast dost tis twas shalt wilt er "
           "mine thine said say says came come go went see saw own old new man men made make day days said down over o'er ere yet still ever well much "
           "great good little two three many other another whose whom while though through till being been".split())


def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('--corpus', required=True); a('--out', required=True); a('--size', type=int, default=220)
    A = ap.parse_args()
    pat = {e: re.compile(r'\b(?:' + p + r')\b', re.I) for e, p in TITLE.items()}
    df = {e: collections.Counter() for e in TITLE}; nd = collections.Counter(); bg, nbg = collections.Counter(), 0
    hand = {e: set(w.split()) for e, w in HAND.items()}
    of = collections.defaultdict(set)
    for e, ws in hand.items():
        for w in ws:
            of[w].add(e)
    pair = {e: collections.Counter() for e in HAND}; freq = collections.Counter(); npair = collections.Counter()
    for l in gzip.open(os.path.join(A.corpus, 'train.jsonl.gz'), 'rt', encoding='utf8'):
        r = json.loads(l)
        text = '\n'.join(x for s in r['stanzas'] for x in s).lower()
        ws = WORD.findall(text)
        freq.update(ws)
        for i in range(len(ws) - 2):
            if ws[i + 1] in ('and', 'or') and ws[i] not in STOP and ws[i + 2] not in STOP:
                for p, q in ((ws[i], ws[i + 2]), (ws[i + 2], ws[i])):
                    if len(of[p]) == 1:                                # words that stand in one list only are evidence
                        e = next(iter(of[p])); pair[e][q] += 1; npair[e] += 1
        if r['title']:
            hit = [e for e in pat if pat[e].search(r['title'])]
            u = set(ws)
            if len(hit) == 1:
                df[hit[0]].update(u); nd[hit[0]] += 1
            bg.update(u); nbg += 1
    print('titled poems by emotion', dict(nd), 'of', nbg, flush=True)
    total = sum(freq.values()); allpairs = collections.Counter()
    for e in pair:
        allpairs.update(pair[e])
    npairs = sum(npair.values())
    out = {}
    for e in HAND:
        S = collections.Counter()
        for w, n in bg.items():
            if n < 40 or w in STOP or len(w) < 3:
                continue
            # 2. titles: log-odds of the document frequency, Dirichlet prior from the background
            x, N = df[e][w], nd[e]; prior = 20 * n / nbg
            lo = math.log((x + prior) / (N + 20 - x - prior + 1e-9)) - math.log(n / (nbg - n))
            zt = lo / math.sqrt(1 / (x + prior) + 1 / n)
            # 3. coordination with this list against coordination with all lists
            k, m = pair[e][w], allpairs[w]
            zc = 0.
            if m >= 4:
                p = npair[e] / npairs
                zc = (k - m * p) / math.sqrt(m * p * (1 - p))
            S[w] = max(0, min(zt, 6) - 1) * .5 + max(0, min(zc, 6) - 1) * .5 + (.8 if zt > 1.5 and zc > 1.5 else 0)
        out[e] = S
    final = {e: {w: 1.0 for w in HAND[e].split()} for e in HAND}
    for w in set().union(*(set(s) for s in out.values())):                # a word goes to its best emotion, and only if that is clear
        sc = sorted(((out[e][w], e) for e in out), reverse=True)
        if sc[0][0] >= 1.5 and sc[0][0] - sc[1][0] >= .7 and w not in DROP and not any(w in h for h in hand.values()):
            final[sc[0][1]][w] = round(min(.9, .25 + .12 * sc[0][0]), 2)
    for e in final:
        final[e] = dict(sorted(final[e].items(), key=lambda t: (-t[1], t[0]))[:A.size])
        print(e, len(final[e]), ' '.join(w for w, v in final[e].items() if v < 1)[:420])
    json.dump(final, open(A.out, 'w'), separators=(',', ':'))
    print(os.path.getsize(A.out), 'bytes')


if __name__ == '__main__':
    main()
