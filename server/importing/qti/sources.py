"""Files of QTI: an item, a test, or a package of them."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final

import msgspec

from protocol.content import Passage, Question, TestContent
from server.importing.drafts import Drafts, checked_draft
from server.importing.faults import ImportFault
from server.importing.packages import Package
from server.importing.qti.assessments import Plan, TestReader
from server.importing.qti.bodies import Texts
from server.importing.qti.drawing import with_variants
from server.importing.qti.items import ItemMaker, check_item
from server.importing.qti.names import LANGUAGE, children, in_one_form, text_of
from server.importing.qti.variants import variants_of
from server.importing.xml import Element, local, read_xml
from server.media.looking import Looked

_ITEM: Final = ("assessmentItem", "qti-assessment-item")
_TEST: Final = ("assessmentTest", "qti-assessment-test")
_STIMULUS: Final = "assessmentStimulus"
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
MANIFEST: Final = "imsmanifest.xml"


def is_qti(root: Element) -> bool:
    """Whether a document is an item or a test of QTI 2 or 3."""
    return local(root) in (*_ITEM, *_TEST)


class QtiDrafts(Drafts):
    """The questions of a file or package, with what its test says of them."""

    def __init__(self, source: str, package: Package | None) -> None:
        super().__init__(source)
        self.plan: Plan | None = None
        self.language: str | None = None
        self.instructions = ""
        self.passages: dict[str, Passage] = {}
        self._variants: dict[str, list[Question]] = {}
        self._package = package

    def content(self, title: str) -> TestContent:
        content = super().content(title)
        plan = self.plan
        if plan is not None:
            content = msgspec.structs.replace(
                content, rules=plan.rules, sections=plan.sections, questions=plan.questions, shuffle=plan.shuffle
            )
        content = with_variants(content, self._variants)
        return msgspec.structs.replace(
            content,
            language=self.language,
            passages=list(self.passages.values()),
            instructions=self.instructions,
        )

    def take_item(self, root: Element, path: str, called: str, weight: Fraction = Fraction(1)) -> Question | None:
        """Takes an item in; None: it was refused."""
        try:
            item = in_one_form(root)
            check_item(item)
            trees = variants_of(item)
        except ImportFault as fault:
            self.refuse(_told(path, called, root), str(fault))
            return None
        self._speak(item)
        before = len(self.questions)
        makers = [
            self._with_passage(ItemMaker(tree, lambda address: self.find(address, path), weight), tree, path)
            for tree in trees
        ]
        make = makers[0] if len(makers) == 1 else self._of_variants(makers)
        self.take(_told(path, called, item), called or item.get("identifier"), make)
        return None if len(self.questions) == before else self.questions[-1]

    def _of_variants(self, makers: list[Callable[[str, list[str]], Question]]) -> Callable[[str, list[str]], Question]:
        def make(question_id: str, losses: list[str]) -> Question:
            first, *others = (made(f"{question_id}-{place}", losses) for place, made in enumerate(makers, 1))
            if any(one.points_mpt != first.points_mpt for one in others):
                raise ImportFault("What its template makes is worth different points.")
            self.notes.append(f"its template makes {len(makers)} variants, of which each candidate gets one")
            self._variants[first.question_id] = [checked_draft(one) for one in others]
            return first

        return make

    def take_test(self, root: Element, path: str) -> None:
        """Takes a test in, with all items that it names."""
        test = in_one_form(root)
        self._speak(test)
        self.title = test.get("title", "").strip() or None
        losses: list[str] = []

        def take(called: str, address: str, weight: Fraction) -> Question | None:
            try:
                place = self._place(address, path)
                found = read_xml(self._read(place), place)
                if local(found) not in _ITEM:
                    raise ImportFault(f"{place} is no item.")
            except ImportFault as fault:
                self.refuse(called or address, str(fault))
                return None
            return self.take_item(found, place, called, weight)

        reader = TestReader(take, Texts(lambda address: self.find(address, path), losses), losses)
        self.plan = reader.read(test)
        self.instructions = self.plan.instructions
        if losses:
            self.lose("the test", losses)

    def take_items(self, package: Package, paths: list[str]) -> None:
        """Takes all these items in."""
        for path in paths:
            try:
                root = read_xml(package.read(path), path)
                if local(root) not in _ITEM:
                    raise ImportFault(f"{path} is no item.")
            except ImportFault as fault:
                self.refuse(path, str(fault))
            else:
                self.take_item(root, path, "")

    def _with_passage(self, maker: ItemMaker, item: Element, path: str) -> Callable[[str, list[str]], Question]:
        def make(question_id: str, losses: list[str]) -> Question:
            question = maker(question_id, losses)
            for reference in children(item, "assessmentStimulusRef"):
                passage = self._passage(reference.get("href", ""), path, losses)
                if question.passage_id is not None:
                    raise ImportFault("It is about more than one passage.")
                question = msgspec.structs.replace(question, passage_id=passage.passage_id)
            return question

        return make

    def _passage(self, address: str, path: str, losses: list[str]) -> Passage:
        place = self._place(address, path)
        if place not in self.passages:
            root = in_one_form(read_xml(self._read(place), place))
            body = next(iter(children(root, "stimulusBody")), None)
            if root.tag != _STIMULUS or body is None:
                raise ImportFault(f"{place} is no passage.")
            texts = Texts(lambda one: self.find(one, place), losses)
            self.passages[place] = Passage(
                passage_id=f"p{len(self.passages) + 1}", title=root.get("title", "")[:300], body=texts.body(body)
            )
        return self.passages[place]

    def _speak(self, root: Element) -> None:
        spoken = root.get(LANGUAGE, "")
        if self.language is None and len(spoken) <= 35 and _LANGUAGE.fullmatch(spoken):
            self.language = spoken

    def _place(self, address: str, path: str) -> str:
        found = None if self._package is None else self.place_of(self._package, address, path)
        if found is None:
            raise ImportFault(f"the file {address[:100]!r}, which is not here")
        return found

    def place_of(self, package: Package, address: str, path: str) -> str | None:
        """The path of the file that an address in another file means."""
        return package.find(address, path)

    def _read(self, place: str) -> bytes:
        if self._package is None:
            raise ImportFault(f"{place[:100]} is not here.")
        return self._package.read(place)

    def find(self, address: str, path: str) -> tuple[str, Looked]:
        """Takes in the file at an address in another one. Raises `ImportFault`."""
        place = self._place(address, path)
        try:
            name, looked = self.carried.add(self._read(place))
        except ImportFault as fault:
            raise ImportFault(f"the file {place[:100]!r}: {fault}") from None
        return f"media:{name}", looked


def draft_qti(source: str, root: Element) -> QtiDrafts:
    """The question of an item, or of a test those that are refused since they are elsewhere."""
    drafts = QtiDrafts(source, None)
    if local(root) in _TEST:
        drafts.take_test(root, source)
    else:
        drafts.take_item(root, source, "")
    return drafts


def draft_package(source: str, package: Package) -> QtiDrafts:
    """The questions of a package: of its test, or, where it has none or several, all of its items."""
    drafts = QtiDrafts(source, package)
    tests, items = resources_of(package)
    if len(tests) == 1:
        root = read_xml(package.read(tests[0]), tests[0])
        drafts.take_test(root, tests[0])
        return drafts
    drafts.take_items(package, items)
    return drafts


def resources_of(package: Package) -> tuple[list[str], list[str]]:
    """The paths of tests and items, as the manifest names them; without one, as the files are."""
    manifest = package.find(MANIFEST)
    if manifest is None:
        roots = {path: local(read_xml(package.read(path), path)) for path in package if path.lower().endswith(".xml")}
        return [path for path in roots if roots[path] in _TEST], [path for path in roots if roots[path] in _ITEM]
    tests: list[str] = []
    items: list[str] = []
    for resource in read_xml(package.read(manifest), manifest).iter("{*}resource"):
        kind, found = resource.get("type", ""), package.find(resource.get("href", ""), manifest)
        if found is not None and kind.startswith("imsqti_test"):
            tests.append(found)
        elif found is not None and kind.startswith("imsqti_item"):
            items.append(found)
    return list(dict.fromkeys(tests)), list(dict.fromkeys(items))


def _told(path: str, called: str, item: Element) -> str:
    name = called or item.get("identifier", "")
    title = " ".join(text_of(None) or item.get("title", "").split())[:60]
    return ", ".join(part for part in (path, name[:60], title) if part)
