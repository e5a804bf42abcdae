"""When a line of the inbox is taken."""

from dataclasses import dataclass, field

import pytest

from vaultscribe.core.model import Link
from vaultscribe.intake import Intake, Ports

URL = "https://youtu.be/jNQXAC9IVRw"


@dataclass
class Desk:
    """An inbox, a queue of taken links, and an intake between them."""

    text: str = ""
    age_s: float = 0.0
    live: set[str] = field(default_factory=set)
    working: int = 0
    ours: set[str] = field(default_factory=set)
    taken: list[Link] = field(default_factory=list)
    at_once: int = 4

    def __post_init__(self) -> None:
        self.intake = Intake(
            Ports(
                read=lambda: (self.text, self.age_s),
                live=lambda: frozenset(self.live),
                busy=lambda: self.working,
                is_ours=lambda name, address: name in self.ours,
                take=self._take,
            ),
            settle_s=5.0,
            at_once=self.at_once,
        )

    def _take(self, link: Link) -> None:
        self.taken.append(link)
        self.live.add(link.address)
        self.working += 1

    @property
    def addresses(self) -> list[str]:
        return [link.address for link in self.taken]


def test_a_line_is_taken_when_it_has_stood_for_five_seconds() -> None:
    desk = Desk(URL)

    waiting = desk.intake.scan(100.0)
    early = desk.addresses
    desk.intake.scan(105.0)

    assert waiting == 1
    assert early == []
    assert desk.addresses == [URL]


def test_a_half_typed_link_is_not_taken() -> None:
    desk = Desk("https://youtu.be/jNQXAC9")
    desk.intake.scan(100.0)
    desk.text = URL

    desk.intake.scan(104.0)
    desk.intake.scan(105.5)
    early = desk.addresses
    desk.intake.scan(109.0)

    assert early == []
    assert desk.addresses == [URL]


def test_typing_elsewhere_in_the_note_does_not_hold_a_line_back() -> None:
    desk = Desk(f"{URL}\nfirst")
    desk.intake.scan(100.0)
    desk.text = f"{URL}\nfirst word, second word"

    desk.intake.scan(105.0)

    assert desk.addresses == [URL]


def test_a_note_that_has_not_changed_for_long_is_taken_at_once() -> None:
    desk = Desk(URL, age_s=3600)

    desk.intake.scan(100.0)

    assert desk.addresses == [URL]


def test_a_clock_that_was_set_back_does_not_take_a_line_early() -> None:
    desk = Desk(URL, age_s=-3600)

    desk.intake.scan(100.0)

    assert desk.addresses == []


def test_a_link_under_way_is_not_taken_twice() -> None:
    desk = Desk(f"- [ ] {URL} → ⏳", age_s=60, live={URL})

    desk.intake.scan(100.0)

    assert desk.addresses == []


def test_a_stale_arrow_without_a_job_is_taken_again() -> None:
    desk = Desk(f"- [ ] {URL} → ⏳", age_s=60)

    desk.intake.scan(100.0)

    assert desk.addresses == [URL]


def test_links_beyond_the_limit_wait_in_the_inbox_in_order() -> None:
    links = [f"https://youtu.be/aaaaaaaaa{n:02}" for n in range(6)]
    desk = Desk("\n".join(links), age_s=60, at_once=4)

    waiting = desk.intake.scan(100.0)

    assert desk.addresses == links[:4]
    assert waiting == 2


def test_a_line_deleted_while_it_waits_is_not_done() -> None:
    desk = Desk(URL)
    desk.intake.scan(100.0)
    desk.text = ""

    desk.intake.scan(110.0)

    assert desk.addresses == []


def test_one_link_on_two_lines_is_taken_once() -> None:
    desk = Desk(f"{URL}\n- [ ] {URL} #again", age_s=60)

    desk.intake.scan(100.0)

    assert desk.addresses == [URL]


def test_the_tags_of_both_lines_of_a_link_are_taken() -> None:
    desk = Desk(f"- {URL} #one\n- {URL} #two", age_s=60)

    desk.intake.scan(100.0)

    assert [link.tags for link in desk.taken] == [("one", "two")]


def test_an_unticked_note_of_ours_is_made_again() -> None:
    desk = Desk(f"- [ ] {URL} → [[A talk x]]", age_s=60, ours={"A talk x"})

    desk.intake.scan(100.0)

    assert [link.again for link in desk.taken] == [True]


@pytest.mark.parametrize("arrow", ["[[My plans]]", "[[A talk x|as I call it]]"])
def test_an_arrow_of_the_users_is_left_alone(arrow: str) -> None:
    desk = Desk(f"- [ ] {URL} → {arrow}", age_s=60, ours={"A talk x"})

    desk.intake.scan(100.0)

    assert desk.addresses == []
