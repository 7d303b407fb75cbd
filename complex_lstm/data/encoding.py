"""The encoding of a text file: by its mark, by UTF-8's own rules, and else by which alphabet reads like words."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

from complex_lstm.data.looks import CONTROLS
from complex_lstm.errors import CsvError

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# How a language's text looks in each old encoding: its letters, what of them is common, and signs found in tables.
SIGNS = "°²³µ±½¼€£¥§·×÷–—‘’“”„…«»¿¡©®™‰ºª´`\u00a0№"
WITHIN_NO_WORD = "–—…‰§¿¡©®™“”„«»"  # which are what letters of a Mac look like in cp1252
LATIN = "äöüßéèêëàâáãåæøçñíìîïóòôõúùûœÿýÄÖÜÉÈÀÁÂÃÅÆØÇÑÍÓÔÕÚ"
CENTRAL = "áéíóúýčďěňřšťůžąćęłńóśźżőűöüäôľĺŕâăîşţđČĎŇŘŠŤŽĄĆĘŁŃŚŹŻŐŰÁÉÍÓÚÖÜĂŞŢ"
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёієїґАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯ"
GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
TURKISH = "ğşıİçöüâîĞŞÇÖÜ"
# A prior breaks ties: what a table from Western Europe and one from elsewhere share is read as cp1252.
ONE_BYTE = (
    ("cp1252", LATIN, 0.1),
    ("cp1250", CENTRAL, 0.0),
    ("cp1254", TURKISH, 0.0),
    ("cp1251", CYRILLIC, 0.0),
    ("koi8-r", CYRILLIC, 0.0),
    ("cp1253", GREEK, 0.0),
    ("mac-roman", LATIN, -0.15),
    ("cp850", LATIN, -0.15),
)
SELDOM = {"õ": 0.2, "û": 0.3, "ÿ": 0.1, "ý": 0.3, "ð": 0.2, "ì": 0.4, "ò": 0.4}  # in Western languages
KANA, HAN, HANGUL, WIDE = r"[\u3041-\u30ff]", r"[\u4e00-\u9fff]", r"[\uac00-\ud7a3]", r"[\u3000-\u303f\uff01-\uff5e]"
# with the lead bytes of the characters in common use
TWO_BYTE = (
    ("cp932", KANA, (0x88, 0x97)),
    ("euc_jp", KANA, (0xB0, 0xCF)),
    ("cp949", HANGUL, (0xCA, 0xCA)),
    ("gb18030", "", (0xB0, 0xD7)),
    ("big5", "", (0xA4, 0xC6)),
)
FEW_LETTERS, SURE_OF_MAC = 12, 0.7
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Encoding:
    """An encoding and why; `others` are what else the same bytes may be."""

    name: str
    reason: str
    others: tuple[str, ...] = ()


def find_encoding(head: bytes, name: str) -> Encoding:
    """Return the encoding of a file that begins with these bytes. Bytes below 128 alone are told as UTF-8.

    Raises:
        CsvError: it is hardly text.
    """
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return Encoding(encoding, "The file begins with the mark of this encoding.")
    wide = _without_mark(head)
    if wide:
        return Encoding(wide, "Every other byte is zero, as in this encoding.", ("utf-16-le", "utf-16-be"))
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)  # the last letter may be cut
    except UnicodeDecodeError:
        return old_encoding(head, name)
    if _controls(head) > len(head) // 100:
        raise CsvError(f"{name} is not text in any encoding known here. Save it as CSV in UTF-8.")
    why = "Its first letters are those that every encoding shares." if head.isascii() else "Its letters are valid UTF-8."
    return Encoding("utf-8", why, ("cp1252",))


def _controls(sample: bytes) -> int:
    """Return how many signs of control a text has, less one that stands equally often in nearly each of its first lines: a delimiter."""
    found, lines = CONTROL.findall(sample), sample.split(b"\n")[:200][:-1]
    for sign in (one.encode() for one in CONTROLS):
        counts = Counter(line.count(sign) for line in lines)
        usual, often = counts.most_common(1)[0] if counts else (0, 0)
        if usual and often >= 0.9 * len(lines):
            return len(found) - found.count(sign)
    return len(found)


def _without_mark(head: bytes) -> str:
    """Return UTF-16 of either order where the zero bytes say so, and else ""."""
    even, odd = (head[side::2].count(0) / max(1, len(head) // 2) for side in (0, 1))
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else ""


def old_encoding(sample: bytes, name: str) -> Encoding:
    """Return the likeliest encoding of text that is not UTF-8, from its lines with bytes above 127.

    Raises:
        CsvError: it reads like words in none.
    """
    if _controls(sample) > len(sample) // 100:
        raise CsvError(f"{name} is not text in any encoding known here. Save it as CSV in UTF-8.")
    lines = b"\n".join(re.findall(rb"[^\r\n]*[\x80-\xff][^\r\n]*", sample)[:300])
    candidates = [encoding for encoding, *_ in (*ONE_BYTE, *TWO_BYTE)]
    scored = sorted(((_score(lines, encoding), -place, encoding) for place, encoding in enumerate(candidates)), reverse=True)
    known = {encoding: score for score, _, encoding in scored}
    pairs = {encoding for encoding, *_ in TWO_BYTE}
    if scored[0][2] in pairs and len(re.findall(rb"[\x80-\xff]", lines)) < FEW_LETTERS and known["mac-roman"] >= SURE_OF_MAC:
        scored = [one for one in scored if one[2] not in pairs]  # a few letters are no word of an Asian language, and fit no other
    best, _, encoding = scored[0]
    if best <= 0:
        raise CsvError(f"{name} is not text in any encoding known here. Save it as CSV in UTF-8.")
    others = tuple(other for score, _, other in scored[1:4] if score > 0)
    same = "" if encoding != "cp1252" or re.search(rb"[\x80-\x9f]", lines) else " latin-1 reads these bytes alike."
    return Encoding(encoding, f"It is not UTF-8, and its letters read best so.{same}", others)


def _score(lines: bytes, encoding: str) -> float:
    """Return how much the letters above ASCII look like words, about 1 at best, -1 where the bytes do not fit."""
    try:
        text = lines.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    high = max(1, sum(letter > "\x7f" for letter in text))
    for known, own, common in TWO_BYTE:
        if known == encoding:
            return _score_of_pairs(text, lines, own, common, encoding) / high
    letters, prior = next((letters, prior) for known, letters, prior in ONE_BYTE if known == encoding)
    return prior + sum(_fits(text, place, letters) for place, letter in enumerate(text) if letter > "\x7f") / high


def _fits(text: str, place: int, letters: str) -> float:
    letter, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if letter in SIGNS:
        return 0.1 if letter in WITHIN_NO_WORD and before.isalpha() and after.isalpha() else 0.8
    if letter not in letters:
        return -0.5
    if letter.isupper() and before.islower():  # aB: an alphabet whose cases are exchanged
        return -0.3
    beside = [other for other in (before, after) if other.isalpha()]
    if letters in (CYRILLIC, GREEK):  # their words have no Latin letters
        return -0.5 if any(other.isascii() for other in beside) else 1.0 if beside else 0.1
    if letters is CENTRAL and letter in "ýđ":  # what Turkish looks like in cp1250
        return 0.4
    if letters is LATIN and letter in SELDOM and not (letter == "õ" and after == "e"):
        return SELDOM[letter]
    return 0.9 if beside else 0.4


def _score_of_pairs(text: str, lines: bytes, own: str, common: tuple[int, int], encoding: str) -> float:
    """Return how many characters are an Asian language's own; single bytes among ASCII ones are hardly of one."""
    high = len(re.findall(rb"[\x80-\xff]", lines))
    alone = len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", lines))
    if alone > 0.3 * high and encoding != "cp932":
        return -0.5
    leads = [letter.encode(encoding)[0] for letter in re.findall(HAN, text)]
    usual = 1.0 * sum(common[0] <= lead <= common[1] for lead in leads)
    rare = len(leads) - usual
    half = len(re.findall(r"[\uff61-\uff9f\ue000-\uf8ff\u0080-\u009f]", text))  # what Latin letters look like in cp932
    if encoding in ("cp932", "euc_jp") and not re.search(KANA, text):  # Japanese is hardly written without, but for names of columns
        pairs = len(re.findall(rb"[\x88-\x97][\x80-\xfc]", lines))  # which Latin text has seldom, and Chinese never
        are_names = encoding == "cp932" and not half and not rare and usual >= 4 and pairs >= usual / 4
        usual *= 1.0 if are_names else 0.5
    found = re.findall(own, text) if own else []
    letters = float(len(found))
    if encoding == "cp949":  # syllables beyond the common ones are hardly written: Japanese reads as these
        letters = sum(len(letter.encode("euc_kr", "ignore")) == 2 for letter in found)  # the 2,350 of the first standard
        rare += len(found) - int(letters)
    return letters + 0.9 * (len(re.findall(WIDE, text)) + usual) - 0.8 * half - 0.2 * rare
