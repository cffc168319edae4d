"""What a poem should not say next. For a serialised document (FORMAT.md) `Negatives.of` lists, position by position, tokens that would
* end a line in a word that has ended an earlier line of the poem (the last token of the word, given that the earlier ones are there);
* use a content word a third time within eight lines (not the word that the line has to end in).
"""
import collections, re
from serialize import LIGHT
from tokenizer import MAXSYL

WINDOW = 8
END, WORD = 0, 1                                                       # kinds of candidates


class Negatives:
    def __init__(self, T, known):
        """known: words; only tokens that are a whole one can be told from the beginning of another."""
        sp = T.special
        self.line, self.plan, self.stanza, self.end = (sp[f'<|{x}|>'] for x in ('line', 'plan', 'stanza', 'end-poem'))
        self.syllables = {sp[f'<|s{i}|>'] for i in range(1, MAXSYL + 1)}
        word = lambda t: t[1:] if re.fullmatch(r'Ġ[a-z]{3,}', t) else ''
        self.content = {i for i, t in T.inv.items() if word(t) in known and word(t) not in LIGHT}

    def of(self, ids):
        """-> [(position, candidates, kind)]: the logits of `position` predict ids[position + 1]."""
        out, used, said, recent = [], set(), set(), collections.deque(maxlen=WINDOW)
        prefix = text = None                                           # of the planned word; of the line
        for i, t in enumerate(ids[:-1]):
            if t in self.syllables:
                prefix, text = (), None
            elif t == self.plan and prefix is not None:
                used.add(prefix); said, prefix, text = set(prefix), None, []
                recent.append(text)
            elif t in (self.line, self.stanza, self.end):
                text = None
            elif prefix is not None:
                prefix += (t,)
            elif text is not None:
                text.append(t)
            if prefix is not None:
                c = {w[-1] for w in used if w[:-1] == prefix}
            elif text is not None:
                n = collections.Counter(w for l in recent for w in l if w in self.content)
                c = {w for w, k in n.items() if k > 1} - said
            else:
                continue
            if c:
                out.append((i, sorted(c), END if prefix is not None else WORD))
        return out
