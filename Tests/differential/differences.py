"""Where answers may differ, and why: each as narrow as can be.

A difference is known by the bytes of a request. Such a request is either left out, where more
than its own answer would differ, or sent between fences, so that its answer is compared alone.
"""

import re

from .comparison import Sameness, same_text
from .requests import Odd, sample

TEXT_BYTES = 2000
SPACES = re.compile(rb" +")


class Known:
    """One known difference, of the requests whose line matches `pattern`.

    `alike(ours, theirs)` tells whether two answers stand for each other; without it, the
    requests are left out. `odd` says that only odd requests are meant, `whole` that the pattern
    is for the line with its body.
    """

    def __init__(self, reason, pattern, alike=None, odd=False, whole=False):
        self.reason = reason
        self.pattern = re.compile(pattern, re.DOTALL)
        self.alike = alike
        self.odd = odd
        self.whole = whole
        self.met = 0

    @property
    def is_left_out(self):
        return self.alike is None

    def same(self, ours, theirs, sameness):
        return self.alike(ours, theirs) or same_text(ours, theirs, sameness)


def either(*errors):
    """Both answers are one of these lines."""
    lines = {error + b"\r\n" for error in errors}
    return lambda *answers: lines.issuperset(answers)


def without_size(reply):
    return re.sub(rb" s\d+| c\d+", b"", reply)


BAD_LINE = b"CLIENT_ERROR bad command line format"
BAD_TOKEN = b"CLIENT_ERROR bad token in command line format"
BAD_FLAG = b"CLIENT_ERROR invalid or duplicate flag"
FLAG = rb"[^ ]+ (?:.* )?"

OF_1_6_18 = [
    Known(
        "a number above 2^63 is none if a minus follows it in memory",
        rb".*(?:18446744073709551615|18446744073709551614|9223372036854775808)"
        rb"|\x80[\x05\x06\x15\x16].{22}(?:.{8})?(?:\xff{8}|\x80\0{7})",
        whole=True,
    ),
    Known(
        "an M without a letter is refused by mg and md too",
        rb"m[gd] " + FLAG + rb"M[ \r]",
        odd=True,
    ),
    Known("E is newer", rb"m[gsda] " + FLAG + rb"E"),
    Known("x is newer", rb"m[gsda] " + FLAG + rb"x"),
    Known("C of mg is newer", rb"mg " + FLAG + rb"C"),
    Known("N of ms is newer", rb"ms (?=" + FLAG + rb"N)(?=" + FLAG + rb"M[AP])"),
    Known(
        "an M of more than one letter has an error of its own",
        rb"m[sa] " + FLAG + rb"M(?:[^ \r]{2}|[ \r])",
        either(
            b"CLIENT_ERROR invalid mode for ms M token",
            b"CLIENT_ERROR invalid mode for ma M token",
            b"CLIENT_ERROR incorrect length for M token",
            BAD_FLAG,
        ),
    ),
    Known(
        "s of ms is newer",
        rb"ms " + FLAG + rb"s[ \r]",
        lambda ours, theirs: without_size(ours) == without_size(theirs),
    ),
    Known(
        "q of ma hides neither a value nor what N made",
        rb"ma (?=" + FLAG + rb"q)(?=" + FLAG + rb"[vN])",
        lambda ours, theirs: ours == b"" and theirs[:2] in (b"VA", b"HD"),
    ),
    Known(
        "noreply is read by position",
        rb"(?:delete|touch|incr|decr|flush_all|verbosity|bogus) .*noreply",
    ),
    Known(
        "the body of a refused storage command is read as commands",
        rb"(?:set|cas|ms) ",
        odd=True,
    ),
    Known(
        "numbers are parsed more loosely",
        rb".*(?:2147483648|2147483649|4294967296|F\+5)|(?:in|de)cr .* \+1",
        odd=True,
    ),
    Known(
        "too few tokens are ERROR, or taken",
        rb"(?:gets?|gats?(?: +[^ ]+)?|delete|(?:touch|incr|decr)(?: +[^ ]+)?|verbosity"
        rb"|(?:set|add)(?: [^ ]+){0,3}|cas(?: [^ ]+){0,4}|m[gdane]|..|) *\r?$",
        either(BAD_LINE, b"ERROR", b"END", b"MN", b"CLIENT_ERROR invalid exptime argument"),
        odd=True,
    ),
    Known(
        "wrong flags have other errors",
        rb"m[gda] ",
        either(
            BAD_LINE,
            BAD_FLAG,
            BAD_TOKEN,
            b"CLIENT_ERROR duplicate flag",
            b"CLIENT_ERROR invalid flag",
            b"CLIENT_ERROR error decoding key",
            b"CLIENT_ERROR options flags are too long",
            b"CLIENT_ERROR invalid numeric delta value",
            b"CLIENT_ERROR invalid numeric initial value",
            b"CLIENT_ERROR opaque token too long",
        ),
        odd=True,
    ),
    Known(
        "no line ending follows the error for a long key in a get",
        rb"(?:get|gat) .*z{251}",
        lambda ours, theirs: ours.rstrip() == theirs.rstrip(),
        odd=True,
    ),
    Known(
        "a body of 1 GB and more is waited for, or refused otherwise",
        rb"\x80.{7}[\x40-\xff]",
        whole=True,
    ),
    Known("HTTP/ in a line of two tokens is an error", rb"x HTTP"),
    Known("shutdown is refused in other words", rb"shutdown", odd=True),
    Known("a leading space is skipped", rb" ", odd=True),
]

OF_CACHED = [
    Known(
        "a get with a long key has read the keys before it",
        rb"(?:gets? |gats? [^ ]+ )[^ ]+ .*[^ \r]{251}",
    ),
    Known(
        "a stray line ending follows the error for a long key in a get",
        rb"(?:gets?|gats?) (?:.* )?[^ \r]{251}",
        lambda ours, theirs: ours.rstrip() == theirs.rstrip(),
    ),
    Known("me takes b only with a further token behind it", rb"me +[^ ]+ +b *\r?$"),
    Known(
        "ma loses T and E when the number grows longer",
        rb"ma (?=" + FLAG + rb"[ET])(?!" + FLAG + rb"M[D-])",
    ),
    Known("the verbosity of the binary protocol is unknown", rb"\x80\x1b"),
    Known("key and extras of an unknown opcode are skipped twice", rb"\x80[\x1f\x25](?!\0\0\0)"),
    Known(
        "the value of a touch is taken for the next packet",
        rb"\x80[\x1c-\x1e\x23\x24]",
        odd=True,
    ),
    Known(
        "a number of set may hold a NUL, or blanks up to the next token",
        rb"(?:set|add|replace|append|prepend|cas) +[^ ]+ +(?:[^ ]+ +)?[^ ]*[\0\t\r]",
    ),
    Known(
        "flags of set may be a negative number",
        rb"(?:set|add|replace|append|prepend|cas) +[^ ]+ +-\d{19}",
    ),
    Known(
        "an opaque that is too long is refused after all is done",
        rb"m[ag] " + FLAG + rb"O[^ \r]{32}|ms (?=" + FLAG + rb"M)(?=" + FLAG + rb"O[^ \r]{32})",
    ),
    Known(
        "a refused ms leaves its E to the next set",
        rb"ms (?=" + FLAG + rb"E)(?=" + FLAG + rb"O[^ \r]{32})",
    ),
    Known("delete takes any number of further tokens", rb"delete(?: +[^ ]+){3}"),
]


class Differences:
    """Those that apply to two servers, by their versions ("cached" for ours)."""

    def __init__(self, subject, oracle):
        self.list = []
        self.include_mutations = "1.6.18" not in (subject, oracle)
        self.versions = subject, oracle
        if subject == "cached":
            self.list += OF_CACHED
        if "1.6.18" in (subject, oracle) and subject != oracle:
            self.list += OF_1_6_18

    def sameness(self):
        """A new beginning of the comparison of two servers."""
        return Sameness(
            ignores_sign="1.6.18" in self.versions, unites_key_forms="cached" in self.versions
        )

    def about(self, request):
        """The difference that a request may show, or None."""
        if not self.list:
            return None
        text = sample(request)[:TEXT_BYTES]
        line = text.removeprefix(b"mn\r\n").partition(b"\n")[0]
        if b"  " in line:
            line = SPACES.sub(b" ", line)
        is_odd = isinstance(request, Odd)
        for known in self.list:
            if known.odd and not is_odd:
                continue
            if known.pattern.match(text if known.whole else line):
                known.met += 1
                return known
        return None

    def is_left_out(self, request):
        known = self.about(request)
        return known is not None and known.is_left_out
