"""Files of QTI 1.2: items, a test, or a package as Canvas exports a quiz."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import unquote

import msgspec

from protocol import limits
from protocol.content import Draw, Passage, Question, Rules, Section
from server.importing.blackboard.addresses import FILE, named_as
from server.importing.blackboard.pools import PoolMaker, is_pool, items_of, title_of
from server.importing.faults import ImportFault
from server.importing.packages import Package
from server.importing.qti.assessments import Plan
from server.importing.qti.names import children, in_one_form, text_of
from server.importing.qti.sources import QtiDrafts
from server.importing.qti1.items import Item1Maker, kind_of, metadata
from server.importing.qti1.materials import Materials
from server.importing.xml import Element, local, read_xml

ROOT: Final = "questestinterop"
_TYPES: Final = ("imsqti_xmlv1p2", "assessment/x-bb-")
_META: Final = "assessment_meta.xml"
_MAX_DEPTH: Final = 20
_COUNTS: Final = {"keep_highest": "best", "keep_latest": "latest", "keep_average": "average"}
_MINUTE_MS: Final = 60_000


class Qti1Drafts(QtiDrafts):
    """The questions of a file or package of QTI 1.2."""

    def __init__(self, source: str, package: Package | None) -> None:
        super().__init__(source, package)
        self._sections: list[Section] = []
        self._losses: list[str] = []
        self._rules = Rules()
        self._shuffle_answers = False
        self._texts: list[tuple[str, Element, str]] = []

    def take_file(self, root: Element, path: str, meta: Element | None = None) -> None:
        """Takes in a `<questestinterop>`, with what Canvas says beside it."""
        tree = in_one_form(root)
        if is_pool(tree):
            self._pool(tree, path)
        if meta is not None:
            self._read_meta(in_one_form(meta), path)
        for child in children(tree):
            match child.tag:
                case "item":
                    self._take(child, path)
                case "assessment" | "section" | "objectbank":
                    self.title = self.title or child.get("title") or None
                    self._introduce(child, path)
                    self._section(child, path, 0)
                case _:
                    pass

    def close(self) -> None:
        """Ends the reading: what is left over is told."""
        for told, item, path in self._texts:
            self.take(told, item.get("ident"), self._information(item, path))
        if self._losses:
            self.lose("the test", self._losses)
        sections = self._sections if len(self._sections) > 1 or any(map(_draws, self._sections)) else []
        named = {name for section in sections for item in section.items for name in _names(item)}
        if sections and len(named) < len(self.questions):
            rest = [question.question_id for question in self.questions if question.question_id not in named]
            sections.append(Section(section_id="more", title="More", items=[*rest]))
        self.plan = Plan(self._rules, sections[: limits.MAX_SECTIONS], self.questions)

    def place_of(self, package: Package, address: str, path: str) -> str | None:
        """Also from the top of the package, or from a folder that only the system knows which wrote it."""
        found = package.find(address, path) or package.find(address) or package.find(f"web_resources/{address}")
        ends = f"/{unquote(address).lower()}"
        alike = [] if found or not address else [name for name in package if name.lower().endswith(ends)]
        alike = alike or named_as(address, package)
        return found or (alike[0] if len(alike) == 1 else None)

    def _introduce(self, test: Element, path: str) -> None:
        """What is said before a test: its description, and how it is to be done."""
        if not self.instructions:
            materials = Materials(lambda address: self.find(address, path), self._losses)
            said = children(test, "presentation_material", "rubric")
            self.instructions = materials.body("".join(materials.html(one) for one in said))

    def _pool(self, pool: Element, path: str) -> None:
        self.title = self.title or title_of(pool)
        before = len(self.questions)
        for item in items_of(pool):
            told = ", ".join(part for part in (path, f"line {item.element.sourceline}", item.name[:60]) if part)
            self.take(told, item.name, PoolMaker(item, lambda address: self.find(address, path)))
        taken = self.questions[before:]
        if taken:
            self._add(pool, taken, title_of(pool))

    def _section(self, element: Element, path: str, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise ImportFault("The test has too many sections inside one another.")
        taken: list[Question] = []
        for child in children(element):
            match child.tag:
                case "section":
                    self._section(child, path, depth + 1)
                case "item":
                    if (question := self._take(child, path)) is not None:
                        taken.append(question)
                case "bankentry_item" | "itemref":
                    self.refuse(
                        child.get("item_ref") or child.get("linkrefid") or "a reference",
                        "The question stands in a bank that is not here.",
                    )
                case _:
                    pass
        for chosen in element.iterfind("selection_ordering/selection"):
            if children(chosen, "sourcebank_ref"):
                self.refuse(element.get("title") or "a group", "Its questions are drawn from a bank that is not here.")
                return
        if taken:
            self._add(element, taken, element.get("title"))

    def _add(self, element: Element, taken: list[Question], title: str | None) -> None:
        ids = [question.question_id for question in taken]
        items: list[str | Draw] = [*ids]
        count = next((text_of(one) for one in element.iterfind("selection_ordering/selection/selection_number")), "")
        if count.isascii() and count.isdigit() and 0 < int(count[:6]) < len(ids):
            if len({question.points_mpt for question in taken}) == 1:
                items = [Draw(int(count[:6]), ids)]
            else:
                self._losses.append("all questions of a group are given: they are worth different points")
        order = next((one.get("order_type", "") for one in element.iterfind("selection_ordering/order")), "")
        self._sections.append(
            Section(
                section_id=f"s{len(self._sections) + 1}",
                title=(title or "").strip()[:300] or f"Part {len(self._sections) + 1}",
                items=items,
                shuffle=order == "Random",
            )
        )

    def _take(self, item: Element, path: str) -> Question | None:
        title = " ".join((item.get("title") or "").split())[:60]
        told = ", ".join(part for part in (path, f"line {item.sourceline}", title) if part)
        before = len(self.questions)
        if kind_of(item) == "text_only_question":
            if metadata(item).get("passage") == "true":
                self._texts.append((told, item, path))
                return None
            self.take(told, item.get("ident"), self._information(item, path))
            return None if len(self.questions) == before else self.questions[-1]
        maker = Item1Maker(item, lambda address: self.find(address, path), shuffle=self._shuffle_answers)

        def make(question_id: str, losses: list[str]) -> Question:
            question = maker(question_id, losses)
            for _, text, there in self._texts:
                said = self._said(text, there, losses)
                if question.passage_id is None:
                    passage = Passage(
                        passage_id=f"p{len(self.passages) + 1}", title=text.get("title", "")[:300], body=said
                    )
                    self.passages[passage.passage_id] = passage
                    question = msgspec.structs.replace(question, passage_id=passage.passage_id)
                else:
                    question = msgspec.structs.replace(question, body=said + question.body)
            return question

        self.take(told, item.get("ident"), make)
        if len(self.questions) == before:
            return None
        for said, _, _ in self._texts:
            self.tell(said)
        self._texts = []
        return self.questions[-1]

    def _said(self, text: Element, path: str, losses: list[str]) -> str:
        materials = Materials(lambda address: self.find(address, path), losses)
        return materials.body("".join(materials.html(one) for one in children(text, "presentation")))

    def _information(self, text: Element, path: str) -> Callable[[str, list[str]], Question]:
        def make(question_id: str, losses: list[str]) -> Question:
            return Question(question_id=question_id, body=self._said(text, path, losses), interactions=[])

        return make

    def _read_meta(self, meta: Element, path: str) -> None:
        fields: Mapping[str, str] = {str(child.tag): text_of(child) for child in children(meta)}
        self.title = self.title or fields.get("title") or None
        changes: dict[str, object] = {}
        minutes = _number(fields.get("time_limit", ""))
        changes["duration_ms"] = None if not minutes else min(limits.MAX_DURATION_MS, int(minutes * _MINUTE_MS))
        attempts = _number(fields.get("allowed_attempts", ""))
        if attempts is not None:
            changes["max_attempts"] = None if attempts < 1 else min(1_000, int(attempts))
        self._shuffle_answers = fields.get("shuffle_answers") == "true"
        if fields.get("scoring_policy") in _COUNTS:
            changes["counts"] = _COUNTS[fields["scoring_policy"]]
        if fields.get("hide_results") == "always":
            changes["shows"] = "reference"
        elif fields.get("hide_results"):
            self._losses.append("left out: `hide_results` of the test")
        if fields.get("access_code"):
            changes["access_code"] = fields["access_code"][: limits.MAX_CODE_CHARS]
        if fields.get("cant_go_back") == "true":
            changes["order"] = "forward"
        for name in ("unlock_at", "lock_at", "due_at", "ip_filter", "require_lockdown_browser"):
            if fields.get(name) not in (None, "", "false"):
                self._losses.append(f"left out: `{name}` of the test")
        self._rules = msgspec.structs.replace(self._rules, **changes)
        if fields.get("description"):
            materials = Materials(lambda address: self.find(address, path), self._losses)
            self.instructions = materials.body(materials.with_pictures(fields["description"]))


def is_qti1(root: Element) -> bool:
    """Whether a document is one of QTI 1.2."""
    return local(root) == ROOT


def draft_qti1(source: str, root: Element) -> Qti1Drafts:
    """The questions of a file."""
    drafts = Qti1Drafts(source, None)
    drafts.take_file(root, source)
    drafts.close()
    return drafts


def draft_package1(source: str, package: Package, manifest: Element) -> Qti1Drafts:
    """The questions of a package whose manifest names files of QTI 1.2."""
    drafts = Qti1Drafts(source, package)
    paths = files_of(package, manifest)
    if len(paths) > 1:
        drafts.lose("the package", ["it has several tests, which are one here"])
    for path in paths:
        try:
            root = read_xml(package.read(path), path)
            if not is_qti1(root) and not is_pool(root):
                raise ImportFault(f"{path} is no test.")
            meta = _meta_of(package, path)
            drafts.take_file(root, path, None if meta is None else read_xml(package.read(meta), meta))
        except ImportFault as fault:
            drafts.refuse(path, str(fault))
    drafts.close()
    return drafts


def files_of(package: Package, manifest: Element) -> list[str]:
    """The files of QTI 1.2 that a manifest names. Of two that are the same test, the one that Canvas writes for itself:
    what it writes for others says less."""
    found: list[str] = []
    for resource in manifest.iter("{*}resource"):
        if not resource.get("type", "").startswith(_TYPES):
            continue
        references = [
            resource.get("href", ""),
            resource.get(FILE, ""),
            *(file.get("href", "") for file in resource.iter("{*}file")),
        ]
        own = f"non_cc_assessments/{resource.get('identifier', '')}.xml.qti"
        path = package.find(own) or next((path for one in references if one and (path := package.find(one))), None)
        if path is not None:
            found.append(path)
    return list(dict.fromkeys(found))


def _meta_of(package: Package, path: str) -> str | None:
    ident = path.rsplit("/", 1)[-1].split(".", maxsplit=1)[0]
    return package.find(_META, path) or package.find(f"{ident}/{_META}")


def _number(written: str) -> Decimal | None:
    try:
        found = Decimal(written)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**9 else None


def _names(item: str | Draw) -> list[str]:
    return [item] if isinstance(item, str) else item.of


def _draws(section: Section) -> bool:
    return any(isinstance(item, Draw) for item in section.items) or section.shuffle
